// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/engines/self_test.hpp"
#include "guest/probesite/refused.hpp"
#include "guest/probesite/resolve.hpp"
#include "harness/base/error.hpp"

#include <fmt/format.h>
#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace nflab::nfverdict {

/// A sentence for the user.
using Notice = std::function<void(const std::string&)>;

/// What is known of one ruleset engine: whether it is there, and how it is observed or why not.
struct Engine {
    const char* name = nullptr; ///< as records and the "ready" line have it
    const char* module = nullptr;
    bool loaded = false;
    const char* method = nullptr;    ///< nullptr: not observed
    std::string refusal;             ///< why not
    std::string build_id;            ///< of the module file in which the sites were found
    std::vector<std::string> places; ///< that are probed
    std::vector<std::string> checks; ///< that the sites and layouts have passed
    TestResult test;

    /// It is observed, and has not failed its test; or it is not there.
    bool sound() const;
    /// Nothing that is observed has not been tested.
    bool proven() const;
    bool waits_for_test() const;
    /// Its part of the "ready" line (docs/formats/record.md).
    nlohmann::json describe() const;
};

/// "passed", "failed", …
const char* word(TestResult::Outcome outcome);

/// "nft_do_chain+0x1a2"
std::string to_text(const probesite::ProbePoint& point);

/// The sites; throws Error(lab) with the refusal's reason when there are none.
template <typename Sites>
Sites accept(std::variant<Sites, probesite::Refusal> result, const char* module) {
    if (const auto* refusal = std::get_if<probesite::Refusal>(&result))
        throw Error(Failure::lab, fmt::format("no probe site in {}: {}: {}", module, refusal->step,
                                              refusal->reason));
    return std::get<Sites>(std::move(result));
}

} // namespace nflab::nfverdict

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/verdict/record.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace nflab::nfverdict {

/// Which records are wanted, beside the packet filter. Empty members let everything through. Pure.
struct RecordFilter {
    std::vector<std::string> verdicts;
    std::vector<std::string> hooks;
    std::optional<std::uint32_t> netns; ///< inode

    bool matches(const verdict::Record& record) const;
};

} // namespace nflab::nfverdict

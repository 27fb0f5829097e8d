// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "tests/differential/compare.hpp"
#include "tests/differential/lab.hpp"
#include "tests/differential/reduce.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace nflab::witness {

struct Plan {
    unsigned packets = 200;
    unsigned batch = 400; ///< packets per ruleset, at most 1000
    std::uint64_t seed = 1;
    unsigned only_batch = 0; ///< not 0: this one alone, for a replay
    unsigned questions = 60; ///< of a reduction; 0: none
    LabOptions lab;
};

/// One kernel's result.
struct Summary {
    std::string kernel;
    std::string method;
    std::uint64_t seed = 0;
    unsigned packets = 0; ///< sent, each once without and once under the oracles
    unsigned batches = 0;
    std::uint64_t records = 0;
    std::map<std::string, std::uint64_t> verdicts; ///< agreements by engine and kind
    std::map<Check, std::uint64_t> compared;       ///< agreements by witness
    std::map<Check, std::uint64_t> differed;       ///< disagreements by witness
    std::uint64_t wrong = 0;
    std::uint64_t unexplained = 0;
    std::uint64_t lost = 0;          ///< events of nfverdict, in the runs that were used
    unsigned refused = 0;            ///< rulesets that the kernel did not take
    std::uint64_t rejected_runs = 0; ///< repeated because an oracle had lost something
    std::uint64_t oracle_lines = 0;
    double seconds = 0;

    bool passed() const { return wrong == 0 && unexplained == 0 && refused == 0; }
};

void to_json(nlohmann::json& out, const Summary& summary);
std::string to_text(const Summary& summary);
/// Tables of a list of summaries, as --json writes it. Throws nlohmann::json::exception when it is
/// none.
std::string to_markdown(const nlohmann::json& summaries);

/// Runs the whole test on one kernel. Prints progress to standard error and each disagreement,
/// reduced, to standard output. Throws Error when the lab fails.
Summary run_witness(const Plan& plan);

} // namespace nflab::witness

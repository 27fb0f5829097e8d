// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/base/progress.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What it costs to know which rule decided, in instructions of the guest, and what gets lost.
namespace nflab::bench {

struct AttributionOptions {
    std::string kernel;                        ///< empty: the default
    std::vector<unsigned> rules{1, 100, 1000}; ///< in the chain; the last one decides
    unsigned packets = 4000; ///< of each measurement; fewer where there are 1000 rules
    int rounds = 3;          ///< 1 to 20
    unsigned rate = 20'000;  ///< packets a second of the guest's time; 0: not tried
};

/// One way of looking, at one ruleset.
struct Cost {
    std::string engine; ///< nft, iptables
    unsigned rules = 0;
    std::string observer;
    std::vector<double> instructions; ///< per packet, one for each round; empty when not possible
    double ratio = 0;                 ///< of the median to that of the untraced rounds
    double rate = 0; ///< packets a second of the guest's time, where one was wanted
    std::uint64_t packets = 0;
    std::optional<std::uint64_t> seen;      ///< packets of which the observer has told
    std::optional<std::uint64_t> told_lost; ///< what it says itself that it has lost
    std::string remark;

    double median() const;
    double spread() const; ///< (most - least) / median
};

struct AttributionResult {
    std::string kernel_release;
    /// Of two starts, as nfverdict says; in a guest that counts: millions of instructions, and
    /// waiting.
    std::vector<long> attach_ms;
    std::vector<Cost> costs;
    std::vector<Cost> at_rate; ///< without instructions
};

AttributionResult measure_attribution(const AttributionOptions& options, Progress& progress);

} // namespace nflab::bench

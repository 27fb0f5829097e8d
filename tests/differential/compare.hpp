// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "tests/differential/evidence.hpp"

#include <map>
#include <string>
#include <vector>

/// The witnesses against each other. Pure.
namespace nflab::witness {

/// Which two witnesses differ: what the reducer must keep alive.
enum class Check {
    oracle_effect,
    nft_trace,
    xt_trace,
    counter,
    conntrack,
    conntrack_drops,
    element,
    capture,
    fragments
};
std::string name_of(Check check);

struct Disagreement {
    Check check = Check::nft_trace;
    std::string engine;
    Key packet;
    int shot = -1; ///< of the batch; −1: a packet that the router made
    std::string nfverdict;
    std::string other;
    /// Nobody is shown to be wrong, but what happened is not accounted for.
    bool unexplained = false;
};

struct Comparison {
    /// How many verdicts agreed, by "engine kind", and by check.
    std::map<std::string, std::uint64_t> verdicts;
    std::map<Check, std::uint64_t> compared;
    std::vector<Disagreement> disagreements;
};

/// `plain`: no oracle, ruleset untouched. `traced`: the same packets under the oracles.
Comparison compare(const std::vector<Shot>& shots, const Names& names, const Evidence& plain,
                   const Evidence& traced);

} // namespace nflab::witness

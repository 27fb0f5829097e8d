// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>

/// What a report shows beside the verdicts, as plain values.
namespace nflab::step {

/// A ruleset as the scenario has it.
struct AppliedRuleset {
    std::string node;
    std::string engine; ///< nftables, iptables-legacy, …
    std::string text;
    std::string file; ///< the text's own, or the scenario's when it stands there
    int line = 0;     ///< of the text's first line in that file
};

/// A ruleset as the node's kernel had it when the step was over, without counters.
struct RulesetListing {
    std::string node;
    std::string engine; ///< nft (which lists the rules of iptables-nft, too), iptables, ip6tables
    std::string text;
};

struct ConsoleText {
    std::string node;
    std::string text;
    std::uint64_t left_out = 0; ///< bytes before `text` that were too many
};

} // namespace nflab::step

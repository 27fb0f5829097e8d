// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The chains of a ruleset's text, each rule with its place. Pure.
namespace nflab::report {

/// Lines from 1, both included.
struct Lines {
    int first = 0;
    int last = 0;
    bool operator==(const Lines&) const = default;
};

struct TextRule {
    std::string text; ///< blanks joined, without a listing's "# handle 7"
    Lines lines;
    std::uint64_t handle = 0; ///< of a listing with handles
};

struct TextChain {
    std::string family; ///< nft: ip, ip6, inet, …; empty for iptables
    std::string table;
    std::string name;
    std::optional<Lines> policy;
    std::string policy_word; ///< accept or drop; "-" for a user chain of iptables
    std::vector<TextRule> rules;
    /// Rules are not simply appended in the order of the text (insert, replace, -I, …): their
    /// places say nothing about their numbers.
    bool disordered = false;
};

/// What nft reads and lists: table blocks, and commands like `add rule`. What is not understood is
/// left out.
std::vector<TextChain> nft_chains(std::string_view text);

/// What iptables-restore reads and iptables-save writes.
std::vector<TextChain> iptables_chains(std::string_view text);

} // namespace nflab::report

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>

/// The names of chains and rules.
namespace nflab::scenario {

/// Which rule of a chain is meant.
struct RuleMatch {
    enum class Kind {
        any,     ///< whichever rule or policy
        policy,  ///< the chain's policy, not a rule
        number,  ///< `number`, counted from 1: the legacy engines
        handle,  ///< `number` is the handle: nft, iptables-nft, ip6tables-nft
        comment, ///< the rule's comment is `text`
        text,    ///< `text` is the comment of the rule or part of the rule as its tool prints it
    };
    Kind kind = Kind::any;
    std::uint64_t number = 0;
    std::string text;
};

/// Which rule must have decided. `rule` empty: any rule of that chain.
struct Decider {
    std::string engine; ///< a key of `by`: nft, iptables, arptables, iptables-nft, …, none
    std::string family; ///< nft only: ip, ip6, inet, …
    std::string table;
    std::string chain;
    /// For messages: "policy", a handle ("handle 7"), a number ("#2"), a comment, or part of the
    /// rule's text
    std::string rule;
    RuleMatch match;    ///< the same, parsed
    std::string stage;  ///< engine none: the part of the stack that dropped the packet
    std::string reason; ///< engine none: what a record says in words, or the kernel's drop reason
};

} // namespace nflab::scenario

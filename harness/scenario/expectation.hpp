// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/capture.hpp"
#include "harness/scenario/position.hpp"
#include "harness/scenario/traffic.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What must, or must not, have been seen.
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

/// Which packets an expectation is about. Fields left empty match anything.
struct PacketFilter {
    std::optional<Protocol> protocol;
    std::optional<std::uint16_t> source_port;
    std::optional<std::uint16_t> destination_port;
    /// Addresses without prefix, in their shortest form; any of them. A node's name stands for all
    /// of its addresses. Held against the packet as it is when the rule sees it.
    std::vector<std::string> from;
    std::vector<std::string> to;
    std::optional<std::uint32_t> length; ///< bytes, from the IP header on

    /// Whether every packet passes.
    bool empty() const;
};

/// A place on a packet's way and what is decided there. Fields left empty match anything.
struct Station {
    std::string at; ///< node
    std::optional<std::string> hook;
    std::optional<std::string> verdict; ///< accept, drop, reject, …
    std::optional<Decider> by;
};

/// One expectation. Fields left empty match anything; `at` empty with dropped_by_none is every
/// traced node, and with `path` whatever its stations say.
struct Expectation : Station {
    std::string packet;  ///< icmp, tcp, udp, or "tcp dport 80"-like filter words, as written
    PacketFilter filter; ///< `packet`, parsed
    std::optional<std::string> snat; ///< address the packet leaves with
    std::optional<std::string> dnat;
    /// Functions that the record's call stack goes through, innermost first; others may lie between
    std::vector<std::string> stack;
    std::vector<Station> path; ///< that one packet passes in this order; others may lie between
    std::optional<int> count;  ///< exactly this many packets; else at least one
    std::optional<int> reply;  ///< replies that `at` received to what it sent; 0 is "none"
    std::optional<std::chrono::milliseconds> within; ///< only replies that took no longer count
    bool negated = false;                            ///< `not: true`: no packet may match
    bool dropped_by_none = false; ///< `dropped_by: none`: no verdict of this step was a drop
    std::string kernels; ///< constraint on the release: elsewhere nothing is expected; empty: any
    std::optional<CaptureMatch> capture; ///< about packets of a capture, and nothing else
    Position where;
    std::string text; ///< as written, for messages
};

} // namespace nflab::scenario

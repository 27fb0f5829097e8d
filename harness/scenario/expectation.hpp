// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/capture.hpp"
#include "harness/scenario/decider.hpp"
#include "harness/scenario/observation.hpp"
#include "harness/scenario/position.hpp"
#include "harness/scenario/traffic.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What must, or must not, have been seen.
namespace nflab::scenario {

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
    bool negated = false; ///< `not: true`: no packet may match, or what is looked at must not hold
    bool dropped_by_none = false; ///< `dropped_by: none`: no verdict of this step was a drop
    std::string kernels; ///< constraint on the release: elsewhere nothing is expected; empty: any
    std::optional<CaptureMatch> capture; ///< about packets of a capture, and nothing else
    /// Not about packets: what a look at the node must find. `at` is empty for the kernel logs of
    /// all vm nodes; `count` is how many entries there must be, in the kinds that count something.
    std::optional<Observation> observation;
    /// Looked at again and again until it holds, at most for so long; observations only.
    std::optional<std::chrono::milliseconds> until;
    Position where;
    std::string text; ///< as written, for messages
};

} // namespace nflab::scenario

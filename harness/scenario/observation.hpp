// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/decider.hpp"
#include "harness/scenario/range.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What can be expected of a node itself, rather than of packets: each kind is one look at it that
/// changes nothing, and can be repeated.
namespace nflab::scenario {

/// A command's exit code and standard output.
struct CommandOutput {
    std::string command; ///< given to bash -c
    std::chrono::milliseconds timeout{30'000};
    int exit_code = 0;
    std::vector<std::string> has;      ///< each is a part of the output
    std::vector<std::string> lacks;    ///< none is
    std::string matches;               ///< ECMAScript; empty: anything. Some line must hold a match
    std::optional<std::string> equals; ///< the whole output, white space at its ends aside
};

/// Where packets are counted: a rule or policy, or a named counter of nftables.
struct CounterValue {
    std::optional<Decider> rule; ///< match is policy, or names one rule
    std::string named;           ///< "FAMILY TABLE COUNTER"; empty when `rule` is set
    std::optional<Range> packets;
    std::optional<Range> bytes;
    std::string since; ///< a snapshot's name: only what was counted since then; empty: ever
};

/// Entries of the connection tracking table. Fields left empty match anything; addresses are in
/// their shortest form, any of a list.
struct ConntrackEntry {
    std::string protocol;          ///< as the kernel prints it: tcp, udp, icmp, icmpv6, sctp, …
    std::vector<std::string> from; ///< original direction
    std::vector<std::string> to;
    std::optional<int> source_port;
    std::optional<int> destination_port;
    std::vector<std::string> reply_from; ///< what answers are expected to come from
    std::vector<std::string> reply_to;
    std::optional<int> reply_source_port;
    std::optional<int> reply_destination_port;
    std::string state;               ///< of TCP, SCTP, DCCP: ESTABLISHED, SYN_SENT, …
    std::vector<std::string> status; ///< each must be there: assured, unreplied, offload, …
    std::optional<Range> mark;
    std::optional<Range> zone;
    std::optional<Range> timeout; ///< seconds left
};

/// One function in a hook.
struct HookStation {
    std::optional<int> priority;
    std::string what; ///< part of what `nfverdict hooks` calls it: "iptables filter", "conntrack"
};

/// What hangs in one netfilter hook, and in which order it is called.
struct HookOrder {
    std::string family; ///< ip, ip6, arp, bridge, netdev
    std::string hook;
    std::string device;             ///< netdev only
    std::vector<HookStation> order; ///< others may lie between them
    std::vector<HookStation> lacks; ///< none of these
};

/// What a table, chain or set consists of, as its tool prints it, handles and counters aside.
struct Contents {
    std::string engine; ///< a key of `contents`: nft, set, iptables, ipset, …
    std::string family; ///< nft and set
    std::string table;
    std::string object; ///< chain or set; empty: the whole table
    std::vector<std::string> has;
    std::vector<std::string> lacks;
    std::optional<std::vector<std::string>> equals; ///< all there is; of a chain, in this order
};

/// The kernel's messages since the step began.
struct KernelLog {
    int level = 7;                  ///< 0 (emerg) to 7 (debug): these, and the more urgent ones
    std::vector<std::string> has;   ///< each is part of a message
    std::vector<std::string> lacks; ///< none is
    /// Neither `has` nor `lacks`: there must be no message but those that hold one of these.
    std::vector<std::string> allow;
};

/// Whether anything has changed since a snapshot, counters aside.
struct Unchanged {
    std::string since;              ///< the snapshot's name
    std::vector<std::string> parts; ///< of snapshot_parts; empty: all
};

using Observation = std::variant<CommandOutput, CounterValue, ConntrackEntry, HookOrder, Contents,
                                 KernelLog, Unchanged>;

} // namespace nflab::scenario

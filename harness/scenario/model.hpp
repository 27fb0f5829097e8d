// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// A scenario as written, read and checked (docs/scenarios.md). Plain values: no I/O, no kernel.
namespace nflab::scenario {

/// A place in a scenario file; both count from 1. line 0: not from a file.
struct Position {
    int line = 0;
    int column = 0;
};

enum class NodeKind { vm, netns };
enum class Boot { fast, faithful };
enum class Trace { none, verdicts, all };

/// Whose call stacks the kretprobe module records. Fields left empty match anything.
struct StackFilter {
    std::string verdict = "drop"; ///< or accept, stolen, queue, repeat, any
    std::string address;          ///< source or destination, in its shortest form
    std::optional<int> port;      ///< source or destination
    std::string protocol;         ///< icmp, icmpv6, tcp, udp
    std::optional<int> rate;      ///< at most so many in a second; 0: no limit
};

/// An L2 segment: one bridge in the lab's network namespace.
struct Network {
    std::string name;
    std::vector<std::string> subnets; ///< CIDR, IPv4 and/or IPv6
    Position where;
};

struct Interface {
    std::string name; ///< as seen inside the node, at most 15 bytes
    std::string network;
    std::vector<std::string> addresses; ///< with prefix length ("192.168.4.1/24")
    std::optional<std::string> mac;     ///< else derived from lab, node and interface name
    std::optional<int> mtu;
    Position where;
};

struct Node {
    std::string name;
    NodeKind kind = NodeKind::netns;
    std::vector<Interface> interfaces;
    std::vector<std::string> gateways;         ///< default routes, at most one per family
    std::map<std::string, std::string> routes; ///< destination CIDR -> next hop address
    std::map<std::string, std::string> sysctls;
    Trace trace = Trace::none; ///< vm only
    std::string trace_method;  ///< as nfverdict --method has it; empty: the best that works
    std::optional<StackFilter> trace_stack;
    int cpus = 1;
    int memory_mib = 160;
    Position where;
};

/// The tool that loads a ruleset text: `nftables` is `nft -f -`, the others are the *-restore of
/// that name; arptables-legacy, whose own is a Perl script, is loaded rule by rule.
struct Ruleset {
    std::string node;
    std::string engine;
    std::string text;
    std::string file; ///< where the text came from, when not inline
    Position where;   ///< of the first line of the text
};

struct RunCommand {
    std::string node;
    std::string command; ///< given to bash -c
    std::chrono::milliseconds timeout{30'000};
    int exit_code = 0; ///< what it must exit with
    Position where;
};

enum class Protocol { icmp, tcp, udp };

/// `count` packets (ping, udp) or connections (tcp) from one node to another node or address.
struct Send {
    Protocol protocol = Protocol::icmp;
    std::string from;
    std::string to; ///< node name or literal address
    std::optional<std::uint16_t> port;
    std::optional<std::uint16_t> source_port;
    int count = 1;
    int size = 56; ///< payload bytes
    std::chrono::milliseconds interval{100};
    std::chrono::milliseconds timeout{1'000}; ///< for each reply
    /// Node that answers tcp and udp: as written, else the node that `to` names or whose address it
    /// is, else nobody.
    std::optional<std::string> listen;
    bool ipv6 =
        false; ///< use the node's IPv6 address; true for an IPv6 literal and when it has no other
    Position where;
};

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
    std::vector<Station> path; ///< that one packet passes in this order; others may lie between
    std::optional<int> count;  ///< exactly this many packets; else at least one
    std::optional<int> reply;  ///< replies that `at` received to what it sent; 0 is "none"
    std::optional<std::chrono::milliseconds> within; ///< only replies that took no longer count
    bool negated = false;                            ///< `not: true`: no packet may match
    bool dropped_by_none = false; ///< `dropped_by: none`: no verdict of this step was a drop
    Position where;
    std::string text; ///< as written, for messages
};

struct Step {
    std::string name;
    std::vector<Ruleset> apply;
    std::vector<RunCommand> run;
    std::vector<Send> send;
    std::vector<Expectation> expect;
    Position where;
};

struct Scenario {
    std::string name;
    std::string summary;
    std::string origin;
    std::vector<std::string> requires_features;
    std::string kernels; ///< constraint on the release, e.g. ">=5.10"; empty: any
    Boot boot = Boot::fast;
    std::vector<Network> networks;
    std::vector<Node> nodes;
    std::vector<Step> steps;
    std::string file; ///< as the user named it

    const Node* find_node(const std::string& node_name) const;
    const Network* find_network(const std::string& network_name) const;
};

} // namespace nflab::scenario

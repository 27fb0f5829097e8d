// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/position.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

/// The machines of a scenario and the networks between them.
namespace nflab::scenario {

enum class NodeKind { vm, netns };
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

} // namespace nflab::scenario

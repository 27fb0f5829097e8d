// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/links.hpp"
#include "harness/scenario/position.hpp"

#include <chrono>
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

enum class NetworkKind {
    bridge, ///< one that is ours
    uplink, ///< libvirt's own NAT network
};

/// IPv4 addresses that dnsmasq gives out.
struct Dhcp {
    std::string first;
    std::string last;
    std::string gateway; ///< told to clients; empty: none
    std::chrono::seconds lease{3600};
    std::vector<std::string> options; ///< as dnsmasq's --dhcp-option has them
};

/// An L2 segment: one bridge in the lab's network namespace.
struct Network {
    std::string name;
    NetworkKind kind = NetworkKind::bridge;
    std::vector<std::string> subnets; ///< CIDR, IPv4 and/or IPv6
    std::optional<int> mtu;           ///< of every interface that does not say otherwise
    std::optional<Dhcp> dhcp;
    bool slaac = false; ///< the IPv6 subnets are advertised
    bool dns = false;   ///< the nodes' names are answered for
    std::string
        server; ///< node whose dnsmasq does all of that; empty: a namespace of the lab's own
    std::string server_address; ///< of the lab's own, with prefix length
    Position where;

    bool served() const { return dhcp || slaac || dns; }
};

struct Interface {
    std::string name; ///< as seen inside the node, at most 15 bytes
    std::string network;
    std::vector<std::string> addresses; ///< with prefix length ("192.168.4.1/24")
    std::optional<std::string> mac;     ///< else derived from lab, node and interface name
    std::optional<int> mtu;
    Vlans vlans;    ///< of the network's port that it is plugged into
    int queues = 1; ///< pairs of receive and transmit queues; vm only
    /// Of `addresses`, those that come by DHCP or SLAAC: they are known beforehand all the same.
    std::vector<std::string> learned;
    Position where;
};

struct Node {
    std::string name; ///< of a network namespace inside of a node: "router/blue"
    NodeKind kind = NodeKind::netns;
    std::vector<std::string> modules; ///< loaded before all else; vm only
    std::vector<Interface> interfaces;
    std::vector<Link> links;
    std::vector<std::string> gateways; ///< default routes, at most one per family
    std::vector<Route> routes;
    std::vector<std::string> rules; ///< as ip-rule(8) has them, behind `add`
    std::vector<Neighbour> neighbours;
    std::map<std::string, std::string> sysctls;
    std::vector<std::string> tc; ///< as tc(8) has them
    /// Network namespaces inside of it, of the same kind: they have no name of their own elsewhere,
    /// no modules, no namespaces inside, and are traced with the node.
    std::vector<Node> namespaces;
    Trace trace = Trace::none; ///< vm only
    std::string trace_method;  ///< as nfverdict --method has it; empty: the best that works
    std::optional<StackFilter> trace_stack;
    int cpus = 1;
    int memory_mib = 160;
    Position where;
};

} // namespace nflab::scenario

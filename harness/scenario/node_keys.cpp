// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/keys.hpp"

namespace nflab::scenario {

namespace {

constexpr std::string_view kinds[] = {"vm", "netns"};
constexpr std::string_view traces[] = {"none",          "verdicts", "all",
                                       "kprobe-events", "fexit",    "kretprobe"};
constexpr std::string_view trace_records[] = {"verdicts", "all"};
constexpr std::string_view trace_methods[] = {"site", "decoy", "kprobe-events", "fexit",
                                              "kretprobe"};
constexpr std::string_view stack_verdicts[] = {"drop",  "accept", "stolen",
                                               "queue", "repeat", "any"};
constexpr std::string_view stack_protocols[] = {"icmp", "icmpv6", "tcp", "udp"};

constexpr Key interface_keys[] = {
    {.name = "network",
     .shape = Shape::text,
     .required = true,
     .about = "The network that it is plugged into."},
    {.name = "address",
     .shape = Shape::texts,
     .about = "Its addresses; without a prefix length, that of the network."},
    {.name = "mac",
     .shape = Shape::text,
     .about = "Its MAC address; without it, one that stays the same from run to run."},
    {.name = "mtu",
     .shape = Shape::integer,
     .about = "Its MTU in bytes; 1500 without it.",
     .minimum = 68,
     .maximum = 65'521},
    {.name = "queues",
     .shape = Shape::integer,
     .about = "Pairs of queues (vm only); 1 without it, at most as many as processors are used.",
     .minimum = 1,
     .maximum = 16},
    {.name = "vlan",
     .shape = Shape::integer,
     .about = "The VLAN of the network's port that it is plugged into: frames are untagged.",
     .minimum = 1,
     .maximum = 4094},
    {.name = "trunk",
     .shape = Shape::texts,
     .about = "VLANs that reach it with their tags: numbers, and ranges such as 20-29."},
};

constexpr Key stack_keys[] = {
    {.name = "verdict",
     .shape = Shape::choice,
     .about = "Of calls with this verdict; drop without it.",
     .choices = stack_verdicts},
    {.name = "address", .shape = Shape::text, .about = "Only of packets from or to this address."},
    {.name = "port",
     .shape = Shape::integer,
     .about = "Only of packets from or to this port.",
     .minimum = 1,
     .maximum = 65'535},
    {.name = "protocol",
     .shape = Shape::choice,
     .about = "Only of packets of this protocol.",
     .choices = stack_protocols},
    {.name = "rate",
     .shape = Shape::integer,
     .about = "At most so many in a second, 0 for no limit; 10 without it.",
     .minimum = 0,
     .maximum = 1'000'000},
};

constexpr Key trace_keys[] = {
    {.name = "records",
     .shape = Shape::choice,
     .about = "verdicts (without it), or all: every rule that a packet passes, too.",
     .choices = trace_records},
    {.name = "method",
     .shape = Shape::choice,
     .about = "How it is seen; without it, by the best one that the kernel allows.",
     .choices = trace_methods},
    {.name = "stack",
     .shape = Shape::object,
     .about = "Call stacks of chosen drops (kretprobe).",
     .object = &stack_object},
};

constexpr Key conntrack_keys[] = {
    {.name = "max",
     .shape = Shape::integer,
     .about = "Most entries: net.netfilter.nf_conntrack_max.",
     .minimum = 1,
     .maximum = 100'000'000},
    {.name = "buckets",
     .shape = Shape::integer,
     .about = "Size of the hash table: net.netfilter.nf_conntrack_buckets.",
     .minimum = 1,
     .maximum = 100'000'000},
    {.name = "timeouts",
     .shape = Shape::text_map,
     .about = "Seconds by protocol and state: udp, tcp_established, icmp, …"},
    {.name = "helpers",
     .shape = Shape::texts,
     .about = "Helpers whose modules are loaded: ftp, sip, tftp, …"},
    {.name = "loose",
     .shape = Shape::boolean,
     .about = "Whether TCP connections are picked up in the middle: nf_conntrack_tcp_loose."},
    {.name = "liberal",
     .shape = Shape::boolean,
     .about = "Whether TCP segments outside of the window are valid: nf_conntrack_tcp_be_liberal."},
    {.name = "acct",
     .shape = Shape::boolean,
     .about = "Whether entries count packets and bytes: nf_conntrack_acct."},
};

// What a node and a network namespace inside of it have in common.
constexpr Key addresses_key = {
    .name = "addresses",
    .shape = Shape::texts_map,
    .about = "Addresses by network; makes eth0, eth1, … in the order in which they stand."};
constexpr Key interfaces_key = {.name = "interfaces",
                                .shape = Shape::object_map,
                                .about = "Interfaces by name, where `addresses` is not enough.",
                                .object = &interface_object};
constexpr Key links_key = {.name = "links",
                           .shape = Shape::object_map,
                           .about = "Virtual devices by name: bridges, VLANs, VRFs, tunnels, …",
                           .object = &link_object};
constexpr Key gateway_key = {.name = "gateway",
                             .shape = Shape::texts,
                             .about = "Next hop of the default route, one for each family at "
                                      "most."};
constexpr Key routes_key = {
    .name = "routes",
    .shape = Shape::texts_map,
    .about = "By destination network or `default`: a next hop, or what ip-route(8) has behind the "
             "destination; a list for several."};
constexpr Key rules_key = {.name = "rules",
                           .shape = Shape::texts,
                           .about = "Policy routing: what ip-rule(8) has behind `add`."};
constexpr Key neighbours_key = {.name = "neighbours",
                                .shape = Shape::text_map,
                                .about = "Permanent neighbours: MAC addresses by address."};
constexpr Key sysctl_key = {
    .name = "sysctl",
    .shape = Shape::text_map,
    .about = "Kernel settings to make before the first step; only net.* on a netns node."};
constexpr Key tc_key = {.name = "tc",
                        .shape = Shape::texts,
                        .about = "What tc(8) is told: `qdisc add dev eth0 clsact`."};

constexpr Key namespace_keys[] = {addresses_key,  interfaces_key, links_key,
                                  gateway_key,    routes_key,     rules_key,
                                  neighbours_key, sysctl_key,     tc_key};

constexpr Key node_keys[] = {
    {.name = "kind",
     .shape = Shape::choice,
     .required = true,
     .about = "vm: a guest with the kernel under test. netns: a network namespace, a cheap end "
              "point.",
     .choices = kinds},
    {.name = "modules",
     .shape = Shape::texts,
     .about = "Kernel modules to load before all else (vm only)."},
    addresses_key,
    interfaces_key,
    links_key,
    {.name = "netns",
     .shape = Shape::object_map,
     .about = "Network namespaces inside of the node, elsewhere called NODE/NAME.",
     .object = &namespace_object},
    gateway_key,
    routes_key,
    rules_key,
    neighbours_key,
    sysctl_key,
    {.name = "conntrack",
     .shape = Shape::object,
     .about = "Settings of connection tracking (vm only).",
     .object = &conntrack_object},
    tc_key,
    {.name = "trace",
     .shape = Shape::trace,
     .about = "What is recorded (vm only): nothing, verdicts, or every rule that a packet passes; "
              "kprobe-events: verdicts, without BPF; fexit, and kretprobe by a kernel module: "
              "verdicts of whole tables.",
     .choices = traces,
     .object = &trace_object},
    {.name = "cpus",
     .shape = Shape::integer,
     .about = "Processors (vm only); 1 without it.",
     .minimum = 1,
     .maximum = 16},
    {.name = "memory",
     .shape = Shape::integer,
     .about = "Memory in MiB (vm only); 160 without it.",
     .minimum = 96,
     .maximum = 16'384},
};

} // namespace

const Object stack_object = {"stack", "call stacks", "Whose call stacks are recorded.", stack_keys};
const Object trace_object = {"trace", "a trace", "What is recorded, and how it is seen.",
                             trace_keys};
const Object interface_object = {"interface", "an interface", "A network interface.",
                                 interface_keys};
const Object conntrack_object = {"conntrack", "conntrack settings",
                                 "Settings of connection tracking.", conntrack_keys};
const Object namespace_object = {"namespace", "a namespace",
                                 "A network namespace inside of a node.", namespace_keys};
const Object node_object = {"node", "a node", "A machine of the lab.", node_keys};

} // namespace nflab::scenario

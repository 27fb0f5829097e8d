// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/keys.hpp"

namespace nflab::scenario {

namespace {

constexpr std::string_view boots[] = {"fast", "faithful"};
constexpr std::string_view kinds[] = {"vm", "netns"};
constexpr std::string_view traces[] = {"none",          "verdicts", "all",
                                       "kprobe-events", "fexit",    "kretprobe"};
constexpr std::string_view trace_records[] = {"verdicts", "all"};
constexpr std::string_view trace_methods[] = {"site", "decoy", "kprobe-events", "fexit",
                                              "kretprobe"};
constexpr std::string_view stack_verdicts[] = {"drop",  "accept", "stolen",
                                               "queue", "repeat", "any"};
constexpr std::string_view stack_protocols[] = {"icmp", "icmpv6", "tcp", "udp"};
constexpr std::string_view families[] = {"ipv4", "ipv6"};
constexpr std::string_view hooks[] = {"prerouting",  "input",   "forward", "output",
                                      "postrouting", "ingress", "egress",  "brouting"};
constexpr std::string_view verdicts[] = {"accept", "drop",     "reject", "queue", "stolen",
                                         "repeat", "continue", "jump",   "goto",  "return"};
constexpr std::string_view nobody[] = {"none"};

constexpr Key rule_keys[] = {
    {.name = "policy", .shape = Shape::boolean, .about = "true: the chain's policy, not a rule."},
    {.name = "number",
     .shape = Shape::integer,
     .about = "The rule's number in its chain, from 1 (the legacy engines).",
     .minimum = 1,
     .maximum = 1'000'000},
    {.name = "handle",
     .shape = Shape::integer,
     .about = "The rule's handle, as `nft -a list ruleset` shows it.",
     .minimum = 1,
     .maximum = 2'147'483'647},
    {.name = "comment", .shape = Shape::text, .about = "The rule's whole comment."},
    {.name = "text",
     .shape = Shape::text,
     .about = "Part of the rule as nft or iptables-save prints it."},
};

constexpr Key decider_keys[] = {
    {.name = "nft",
     .shape = Shape::text,
     .about = "FAMILY TABLE CHAIN, as in `ip nat postrouting`."},
    {.name = "iptables",
     .shape = Shape::text,
     .about = "TABLE/CHAIN of legacy iptables, as in `filter/FORWARD`."},
    {.name = "ip6tables", .shape = Shape::text, .about = "TABLE/CHAIN of legacy ip6tables."},
    {.name = "arptables", .shape = Shape::text, .about = "TABLE/CHAIN of legacy arptables."},
    {.name = "ebtables", .shape = Shape::text, .about = "TABLE/CHAIN of legacy ebtables."},
    {.name = "iptables-nft", .shape = Shape::text, .about = "TABLE/CHAIN of iptables-nft."},
    {.name = "ip6tables-nft", .shape = Shape::text, .about = "TABLE/CHAIN of ip6tables-nft."},
    {.name = "none",
     .shape = Shape::text,
     .about = "No rule did it, but this part of the stack: route, ttl, mtu, rp_filter, conntrack, "
              "neighbour, socket, …"},
    {.name = "reason",
     .shape = Shape::text,
     .about = "With `none`: the kernel's drop reason, or part of what the record says in words."},
    {.name = "rule",
     .shape = Shape::rule,
     .about = "`policy`, a number (iptables), `handle N` (nft), or the rule's comment or part of "
              "its text. Without it, any rule of the chain.",
     .object = &rule_object},
};

constexpr Key station_keys[] = {
    {.name = "at", .shape = Shape::text, .about = "The node; without it, that of the expectation."},
    {.name = "hook", .shape = Shape::choice, .about = "The netfilter hook.", .choices = hooks},
    {.name = "verdict",
     .shape = Shape::choice,
     .about = "What is decided there.",
     .choices = verdicts},
    {.name = "by",
     .shape = Shape::object,
     .about = "Which rule, or policy, decides.",
     .object = &decider_object},
};

constexpr Key expectation_keys[] = {
    {.name = "at", .shape = Shape::text, .about = "The node that it is about."},
    {.name = "packet",
     .shape = Shape::text,
     .about =
         "Which packets: icmp, tcp or udp, then any of `sport N`, `dport N`, `from X`, `to X`, "
         "where X is an address or a node."},
    {.name = "hook",
     .shape = Shape::choice,
     .about = "The netfilter hook that the verdict falls in.",
     .choices = hooks},
    {.name = "verdict",
     .shape = Shape::choice,
     .about = "What the rule says. continue, jump, goto and return are only recorded with "
              "`trace: all`.",
     .choices = verdicts},
    {.name = "by",
     .shape = Shape::object,
     .about = "Which rule, or policy, decides.",
     .object = &decider_object},
    {.name = "snat", .shape = Shape::text, .about = "Source address that the packet leaves with."},
    {.name = "dnat",
     .shape = Shape::text,
     .about = "Destination address that the packet leaves with."},
    {.name = "path",
     .shape = Shape::object_list,
     .about = "Stations that one packet passes in this order; others may lie between them.",
     .object = &station_object},
    {.name = "count",
     .shape = Shape::integer,
     .about = "Exactly so many packets. Without it, one or more.",
     .minimum = 0,
     .maximum = 1'000'000},
    {.name = "reply",
     .shape = Shape::reply,
     .about = "How many replies the node gets to what it sends in this step.",
     .minimum = 0,
     .maximum = 1'000'000},
    {.name = "within",
     .shape = Shape::duration,
     .about = "With `reply`: only replies that took no longer count."},
    {.name = "not", .shape = Shape::boolean, .about = "true: there must be no such packet."},
    {.name = "dropped_by",
     .shape = Shape::choice,
     .about = "none: no rule drops or rejects anything in this step, at this node or, without "
              "`at`, at any traced node.",
     .choices = nobody},
};

constexpr Key send_keys[] = {
    {.name = "ping", .shape = Shape::text, .about = "Sends ICMP echo to this node or address."},
    {.name = "tcp",
     .shape = Shape::text,
     .about = "Opens TCP connections to this node or address."},
    {.name = "udp", .shape = Shape::text, .about = "Sends UDP datagrams to this node or address."},
    {.name = "from", .shape = Shape::text, .required = true, .about = "The node that sends."},
    {.name = "port",
     .shape = Shape::integer,
     .about = "Destination port; tcp and udp need it.",
     .minimum = 1,
     .maximum = 65'535},
    {.name = "source_port",
     .shape = Shape::integer,
     .about = "Source port (tcp, udp); without it, the kernel chooses.",
     .minimum = 1,
     .maximum = 65'535},
    {.name = "count",
     .shape = Shape::integer,
     .about = "How many packets or connections; 1 without it.",
     .minimum = 1,
     .maximum = 100'000},
    {.name = "size",
     .shape = Shape::integer,
     .about = "Bytes of payload in each; 56 without it.",
     .minimum = 0,
     .maximum = 65'507},
    {.name = "interval",
     .shape = Shape::duration,
     .about = "Time from one to the next; 100ms without it."},
    {.name = "timeout",
     .shape = Shape::duration,
     .about = "How long to wait for each reply; 1s without it."},
    {.name = "listen",
     .shape = Shape::text,
     .about = "The node that answers (tcp, udp), where it is not the one that is sent to, as "
              "behind DNAT."},
    {.name = "family",
     .shape = Shape::choice,
     .about = "Which address of the node to send to; ipv4 if it has one.",
     .choices = families},
};

constexpr Key run_keys[] = {
    {.name = "on", .shape = Shape::text, .required = true, .about = "The node that runs it."},
    {.name = "command",
     .shape = Shape::text,
     .required = true,
     .about = "A command line for bash."},
    {.name = "timeout", .shape = Shape::duration, .about = "How long it may take; 30s without it."},
    {.name = "exit",
     .shape = Shape::integer,
     .about = "The exit code that it must end with; 0 without it.",
     .minimum = 0,
     .maximum = 255},
};

constexpr Key ruleset_file_keys[] = {
    {.name = "file",
     .shape = Shape::text,
     .required = true,
     .about = "A file with the ruleset; a relative path starts at the scenario's folder."},
};

constexpr Key rulesets_keys[] = {
    {.name = "nftables",
     .shape = Shape::ruleset,
     .about = "Native nftables, loaded by `nft -f`.",
     .object = &ruleset_file_object},
    {.name = "iptables-legacy",
     .shape = Shape::ruleset,
     .about = "Loaded by iptables-legacy-restore.",
     .object = &ruleset_file_object},
    {.name = "iptables-nft",
     .shape = Shape::ruleset,
     .about = "Loaded by iptables-nft-restore.",
     .object = &ruleset_file_object},
    {.name = "ip6tables-legacy",
     .shape = Shape::ruleset,
     .about = "Loaded by ip6tables-legacy-restore.",
     .object = &ruleset_file_object},
    {.name = "arptables-legacy",
     .shape = Shape::ruleset,
     .about = "As arptables-save prints it; loaded rule by rule, by arptables-legacy.",
     .object = &ruleset_file_object},
    {.name = "ebtables-legacy",
     .shape = Shape::ruleset,
     .about = "Loaded by ebtables-legacy-restore.",
     .object = &ruleset_file_object},
    {.name = "ip6tables-nft",
     .shape = Shape::ruleset,
     .about = "Loaded by ip6tables-nft-restore.",
     .object = &ruleset_file_object},
};

constexpr Key step_keys[] = {
    {.name = "name", .shape = Shape::text, .about = "Shown while it runs; `step N` without it."},
    {.name = "apply",
     .shape = Shape::object_map,
     .about = "Rulesets to load, by vm node, in the order in which they stand.",
     .object = &rulesets_object},
    {.name = "run",
     .shape = Shape::object_list,
     .about = "Commands to run, one after the other, after the rulesets.",
     .object = &run_object},
    {.name = "send",
     .shape = Shape::object_list,
     .about = "Traffic to send, one after the other, after the commands.",
     .object = &send_object},
    {.name = "expect",
     .shape = Shape::object_list,
     .about = "What must have been seen in this step.",
     .object = &expectation_object},
};

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

constexpr Key node_keys[] = {
    {.name = "kind",
     .shape = Shape::choice,
     .required = true,
     .about = "vm: a guest with the kernel under test. netns: a network namespace, a cheap end "
              "point.",
     .choices = kinds},
    {.name = "addresses",
     .shape = Shape::texts_map,
     .about = "Addresses by network; makes eth0, eth1, … in the order in which they stand."},
    {.name = "interfaces",
     .shape = Shape::object_map,
     .about = "Interfaces by name, where `addresses` is not enough.",
     .object = &interface_object},
    {.name = "gateway",
     .shape = Shape::texts,
     .about = "Next hop of the default route, one for each family at most."},
    {.name = "routes", .shape = Shape::text_map, .about = "Next hops by destination network."},
    {.name = "sysctl",
     .shape = Shape::text_map,
     .about = "Kernel settings to make before the first step; only net.* on a netns node."},
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

constexpr Key scenario_keys[] = {
    {.name = "name",
     .shape = Shape::text,
     .required = true,
     .about = "Short name: letters, digits, '-', '_' and '.'."},
    {.name = "summary", .shape = Shape::text, .about = "What happens, in one sentence."},
    {.name = "origin", .shape = Shape::text, .about = "Where the case comes from."},
    {.name = "requires",
     .shape = Shape::texts,
     .about = "Features that the kernel must have; else the cell is skipped, saying why."},
    {.name = "kernels",
     .shape = Shape::text,
     .about = "Kernel releases that it is for, as in `>=5.10 <6.12`."},
    {.name = "boot",
     .shape = Shape::choice,
     .about = "fast, or faithful: the distribution's own command line and signed modules.",
     .choices = boots},
    {.name = "networks",
     .shape = Shape::texts_map,
     .about = "Layer 2 segments by name, each with its IPv4 and IPv6 subnets."},
    {.name = "nodes",
     .shape = Shape::object_map,
     .required = true,
     .about = "Machines of the lab by name.",
     .object = &node_object},
    {.name = "steps",
     .shape = Shape::object_list,
     .about = "What is done, in this order.",
     .object = &step_object},
};

} // namespace

const Object rule_object = {"rule", "a rule", "Names one rule by exactly one of these.", rule_keys};
const Object decider_object = {"decider", "a decider",
                               "The chain that decides: one engine, and perhaps the rule.",
                               decider_keys};
const Object station_object = {
    "station", "a station", "A place on a packet's way, and what is decided there.", station_keys};
const Object expectation_object = {"expectation", "an expectation",
                                   "What must, or must not, have been seen.", expectation_keys};
const Object send_object = {"send", "traffic",
                            "Packets from one node: exactly one of ping, tcp and udp.", send_keys};
const Object run_object = {"run", "a command", "A command on a node.", run_keys};
const Object ruleset_file_object = {"ruleset_file", "a ruleset", "A ruleset from a file.",
                                    ruleset_file_keys};
const Object rulesets_object = {"rulesets", "a node's rulesets",
                                "Rulesets by the tool that loads them.", rulesets_keys};
const Object step_object = {"step", "a step",
                            "Loads rulesets, runs commands, sends traffic, checks: in this order.",
                            step_keys};
const Object stack_object = {"stack", "call stacks", "Whose call stacks are recorded.", stack_keys};
const Object trace_object = {"trace", "a trace", "What is recorded, and how it is seen.",
                             trace_keys};
const Object interface_object = {"interface", "an interface", "A network interface.",
                                 interface_keys};
const Object node_object = {"node", "a node", "A machine of the lab.", node_keys};
const Object scenario_object = {"scenario", "a scenario",
                                "Nodes, networks, rulesets, traffic and expectations of one case.",
                                scenario_keys};

std::vector<std::string> key_names(const Object& object) {
    std::vector<std::string> names;
    for (const auto& key : object.keys)
        names.emplace_back(key.name);
    return names;
}

} // namespace nflab::scenario

// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/keys.hpp"

namespace nflab::scenario {

namespace {

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
     .about = "Which packets: icmp, tcp, udp, sctp or arp, then any of `sport N`, `dport N`, `from "
              "X`, `to X`, "
              "`length BYTES`, "
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
    {.name = "stack",
     .shape = Shape::texts,
     .about = "Functions that the call stack of the verdict goes through, innermost first; others "
              "may lie between. Of a node whose `trace` has `stack`."},
    {.name = "path",
     .shape = Shape::object_list,
     .about = "Stations that one packet passes in this order; others may lie between them.",
     .object = &station_object},
    {.name = "count",
     .shape = Shape::integer,
     .about = "Exactly so many packets, entries, lines or messages. Without it, one or more.",
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
    {.name = "capture",
     .shape = Shape::text,
     .about = "The capture of this step in which the packets must be."},
    {.name = "filter",
     .shape = Shape::text,
     .about = "With `capture`: which of its packets, as pcap-filter(7) says it; a node's name "
              "stands for its address. Without it, all."},
    {.name = "not",
     .shape = Shape::boolean,
     .about = "true: there must be no such packet, or what is looked at is otherwise."},
    {.name = "kernels",
     .shape = Shape::text,
     .about = "Kernel releases on which it is expected, as in `>=5.10 <6.12`."},
    {.name = "dropped_by",
     .shape = Shape::choice,
     .about = "none: no rule drops or rejects anything in this step, at this node or, without "
              "`at`, at any traced node.",
     .choices = nobody},
    {.name = "command",
     .shape = Shape::text,
     .about = "A command line for bash that looks at something, and what it must print."},
    {.name = "exit",
     .shape = Shape::integer,
     .about = "With `command`: the exit code; 0 without it.",
     .minimum = 0,
     .maximum = 255},
    {.name = "timeout",
     .shape = Shape::duration,
     .about = "With `command`: how long it may take; 30s without it."},
    {.name = "counter",
     .shape = Shape::rule,
     .about = "What a rule or policy has counted; as a text, FAMILY TABLE NAME of a counter of "
              "nftables.",
     .object = &decider_object},
    {.name = "packets", .shape = Shape::range, .about = "With `counter`: so many packets."},
    {.name = "bytes", .shape = Shape::range, .about = "With `counter`: so many bytes."},
    {.name = "since",
     .shape = Shape::text,
     .about = "With `counter`: only what was counted since this snapshot."},
    {.name = "conntrack",
     .shape = Shape::object,
     .about = "An entry of the connection tracking table.",
     .object = &conntrack_entry_object},
    {.name = "hooks",
     .shape = Shape::text,
     .about = "FAMILY HOOK, and for netdev the device: the functions that hang there."},
    {.name = "order",
     .shape = Shape::texts,
     .about = "With `hooks`: these are called in this order; `-150 iptables mangle` says the "
              "priority, too."},
    {.name = "contents",
     .shape = Shape::object,
     .about = "What a table, chain or set consists of, handles and counters aside.",
     .object = &contents_object},
    {.name = "kernel_log",
     .shape = Shape::choice,
     .about = "The kernel's messages in this step, of this level or a more urgent one. There must "
              "be none, or those that `has` says.",
     .choices = log_levels},
    {.name = "unchanged_since",
     .shape = Shape::text,
     .about = "A snapshot's name: nothing is otherwise than it was then."},
    {.name = "parts",
     .shape = Shape::texts,
     .about = "With `unchanged_since`: which parts of the snapshot; all without it."},
    {.name = "has",
     .shape = Shape::texts,
     .about = "With `command`, `contents` and `kernel_log`: each of these is there."},
    {.name = "lacks",
     .shape = Shape::texts,
     .about = "With `command`, `contents`, `hooks` and `kernel_log`: none of these is there."},
    {.name = "equals",
     .shape = Shape::texts,
     .about = "With `command` and `contents`: this is there and nothing else."},
    {.name = "matches",
     .shape = Shape::text,
     .about = "With `command`: a regular expression that some line of the output matches."},
    {.name = "allow",
     .shape = Shape::texts,
     .about = "With `kernel_log`: messages that hold one of these do not count."},
    {.name = "until",
     .shape = Shape::duration,
     .about = "With all that is looked at in a node: it is looked at again until it holds, at "
              "most for so long."},
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

} // namespace nflab::scenario

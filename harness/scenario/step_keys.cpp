// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/keys.hpp"

namespace nflab::scenario {

namespace {

constexpr std::string_view families[] = {"ipv4", "ipv6"};

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

} // namespace

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

} // namespace nflab::scenario

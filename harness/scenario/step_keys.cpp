// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/keys.hpp"

namespace nflab::scenario {

namespace {

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

constexpr Key repeat_keys[] = {
    {.name = "times",
     .shape = Shape::integer,
     .required = true,
     .about = "How often it is done.",
     .minimum = 1,
     .maximum = 1'000},
    {.name = "interval", .shape = Shape::duration, .about = "The pause between; none without it."},
};

constexpr Key during_keys[] = {
    {.name = "apply",
     .shape = Shape::object_map,
     .about = "Rulesets to load, by vm node, in the order in which they stand.",
     .object = &rulesets_object},
    {.name = "run",
     .shape = Shape::object_list,
     .about = "Commands to run, one after the other, after the rulesets.",
     .object = &run_object},
    {.name = "wait",
     .shape = Shape::wait,
     .about = "A time, or an expectation of a node, to wait for after the commands.",
     .object = &expectation_object},
    {.name = "repeat",
     .shape = Shape::repeat,
     .about = "How often all of this is done.",
     .minimum = 1,
     .maximum = 1'000,
     .object = &repeat_object},
};

constexpr Key step_keys[] = {
    {.name = "name", .shape = Shape::text, .about = "Shown while it runs; `step N` without it."},
    {.name = "kernels",
     .shape = Shape::text,
     .about = "Kernel releases on which it is done, as in `>=5.10 <6.12`; elsewhere the step is "
              "left out."},
    {.name = "restore",
     .shape = Shape::text,
     .about = "Puts the rulesets back as they were in this snapshot of an earlier step."},
    {.name = "apply",
     .shape = Shape::object_map,
     .about = "Rulesets to load, by vm node, in the order in which they stand.",
     .object = &rulesets_object},
    {.name = "capture",
     .shape = Shape::object_list,
     .about = "Packets to capture while the commands run and the traffic is sent.",
     .object = &capture_object},
    {.name = "run",
     .shape = Shape::object_list,
     .about = "Commands to run, one after the other, after the rulesets.",
     .object = &run_object},
    {.name = "wait",
     .shape = Shape::wait,
     .about = "A time, or an expectation of a node, to wait for after the commands.",
     .object = &expectation_object},
    {.name = "snapshot",
     .shape = Shape::text,
     .about = "A name for the state of all vm nodes just before the traffic."},
    {.name = "send",
     .shape = Shape::object_list,
     .about = "Traffic to send, one after the other, after the commands.",
     .object = &send_object},
    {.name = "during",
     .shape = Shape::object_list,
     .about = "What is done while all the traffic is under way at once.",
     .object = &during_object},
    {.name = "expect",
     .shape = Shape::object_list,
     .about = "What must have been seen in this step.",
     .object = &expectation_object},
    {.name = "repeat",
     .shape = Shape::repeat,
     .about = "How often the whole step is done; it must hold each time.",
     .minimum = 1,
     .maximum = 1'000,
     .object = &repeat_object},
    {.name = "until",
     .shape = Shape::duration,
     .about = "The whole step is done again until it holds, at most for so long."},
};

} // namespace

const Object run_object = {"run", "a command", "A command on a node.", run_keys};
const Object ruleset_file_object = {"ruleset_file", "a ruleset", "A ruleset from a file.",
                                    ruleset_file_keys};
const Object rulesets_object = {"rulesets", "a node's rulesets",
                                "Rulesets by the tool that loads them.", rulesets_keys};
const Object repeat_object = {"repeat", "a repetition", "How often, and with which pause.",
                              repeat_keys};
const Object during_object = {"during", "what is done during traffic",
                              "Loads rulesets, runs commands, waits: in this order.", during_keys};
const Object step_object = {
    "step", "a step",
    "Restores, loads rulesets, runs commands, waits, takes a snapshot, sends traffic, checks: in "
    "this order.",
    step_keys};

} // namespace nflab::scenario

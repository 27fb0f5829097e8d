// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/keys.hpp"

#include <list>

namespace nflab::scenario {

namespace {

constexpr std::string_view boots[] = {"fast", "faithful"};

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
    {.name = "include",
     .shape = Shape::texts,
     .about = "Files named NAME.part.yaml whose keys are read first; this file's come after."},
    {.name = "with",
     .shape = Shape::parameters,
     .about = "Parameters: the scenario is run with every combination, $(NAME) replaced by a "
              "value. Or a list of mappings, one for each run."},
    {.name = "defaults",
     .shape = Shape::object,
     .about = "What need not be written at each place.",
     .object = &defaults_object},
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
    {.name = "kernel_log",
     .shape = Shape::object,
     .about = "What the guests' kernels may say while the steps run; without it, nothing of level "
              "warning or above.",
     .object = &kernel_log_object},
};

/// A default may leave out what must stand somewhere in the end.
std::vector<Key> optional(const Object& object) {
    std::vector<Key> keys(object.keys.begin(), object.keys.end());
    for (auto& key : keys)
        key.required = false;
    return keys;
}

Object defaults_of(const Object& object, std::string_view id, std::string_view about) {
    static std::list<std::vector<Key>> keys;
    return {id, object.name, about, keys.emplace_back(optional(object))};
}

const Object node_defaults = defaults_of(node_object, "node_defaults", "Keys of a node.");
const Object run_defaults = defaults_of(run_object, "run_defaults", "Keys of a command.");
const Object send_defaults = defaults_of(send_object, "send_defaults", "Keys of traffic.");
const Object expectation_defaults =
    defaults_of(expectation_object, "expectation_defaults", "Keys of an expectation.");

constexpr Key defaults_keys[] = {
    {.name = "vm", .shape = Shape::object, .about = "For every vm node.", .object = &node_defaults},
    {.name = "netns",
     .shape = Shape::object,
     .about = "For every netns node.",
     .object = &node_defaults},
    {.name = "run",
     .shape = Shape::object,
     .about = "For every command of a step.",
     .object = &run_defaults},
    {.name = "send", .shape = Shape::object, .about = "For all traffic.", .object = &send_defaults},
    {.name = "expect",
     .shape = Shape::object,
     .about = "For every expectation but `reply` and `dropped_by`.",
     .object = &expectation_defaults},
};

} // namespace

const Object defaults_object = {"defaults", "defaults", "What need not be written at each place.",
                                defaults_keys};
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

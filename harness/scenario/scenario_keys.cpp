// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/keys.hpp"

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

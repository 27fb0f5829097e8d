// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/plan/plan.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace nflab {

namespace {

using Json = nlohmann::json;

template <typename Enum, std::size_t Size>
using Names = std::array<std::pair<Enum, std::string_view>, Size>;

constexpr Names<scenario::NodeKind, 2> node_kinds = {
    {{scenario::NodeKind::vm, "vm"}, {scenario::NodeKind::netns, "netns"}}};
constexpr Names<scenario::NetworkKind, 2> network_kinds = {
    {{scenario::NetworkKind::bridge, "bridge"}, {scenario::NetworkKind::uplink, "uplink"}}};
constexpr Names<scenario::Trace, 3> traces = {{{scenario::Trace::none, "none"},
                                               {scenario::Trace::verdicts, "verdicts"},
                                               {scenario::Trace::all, "all"}}};
constexpr Names<plan::Accelerator, 2> accelerators = {
    {{plan::Accelerator::kvm, "kvm"}, {plan::Accelerator::tcg, "tcg"}}};

template <typename Enum, std::size_t Size>
std::string_view name_of(const Names<Enum, Size>& names, Enum value) {
    for (const auto& [candidate, name] : names) {
        if (candidate == value)
            return name;
    }
    throw std::logic_error("an enumerator without a name in the plan's JSON");
}

/// A plan comes from another nflab process: a word that we do not know means that the two differ.
template <typename Enum, std::size_t Size>
Enum value_of(const Names<Enum, Size>& names, const Json& json) {
    const auto word = json.get<std::string>();
    for (const auto& [value, name] : names) {
        if (name == word)
            return value;
    }
    throw std::invalid_argument("the plan says '" + word + "', which this nflab does not know");
}

std::chrono::milliseconds milliseconds(const Json& json) {
    return std::chrono::milliseconds(json.get<std::chrono::milliseconds::rep>());
}

} // namespace

namespace scenario {

static void to_json(Json& out, const Vlans& vlans) {
    out = {{"tagged", vlans.tagged}};
    if (vlans.untagged)
        out["untagged"] = *vlans.untagged;
}

static void from_json(const Json& in, Vlans& vlans) {
    in.at("tagged").get_to(vlans.tagged);
    if (const auto untagged = in.find("untagged"); untagged != in.end())
        vlans.untagged = untagged->get<int>();
}

} // namespace scenario

namespace plan {

static void to_json(Json& out, const BootFiles& boot) {
    out = {{"kernel_name", boot.kernel_name},
           {"kernel_release", boot.kernel_release},
           {"kernel", boot.kernel},
           {"initrd", boot.initrd},
           {"root_image", boot.root_image},
           {"modules_image", boot.modules_image},
           {"root_tree", boot.root_tree},
           {"command_line", boot.command_line},
           {"agent", boot.agent},
           {"acpi", boot.acpi},
           {"alterations", boot.alterations}};
}

static void from_json(const Json& in, BootFiles& boot) {
    in.at("kernel_name").get_to(boot.kernel_name);
    in.at("kernel_release").get_to(boot.kernel_release);
    in.at("kernel").get_to(boot.kernel);
    in.at("initrd").get_to(boot.initrd);
    in.at("root_image").get_to(boot.root_image);
    in.at("modules_image").get_to(boot.modules_image);
    in.at("root_tree").get_to(boot.root_tree);
    in.at("command_line").get_to(boot.command_line);
    in.at("agent").get_to(boot.agent);
    in.at("acpi").get_to(boot.acpi);
    in.at("alterations").get_to(boot.alterations);
}

static void to_json(Json& out, const Deadlines& deadlines) {
    out = {{"boot_ms", deadlines.boot.count()}, {"silence_ms", deadlines.silence.count()}};
}

static void from_json(const Json& in, Deadlines& deadlines) {
    deadlines.boot = milliseconds(in.at("boot_ms"));
    deadlines.silence = milliseconds(in.at("silence_ms"));
}

static void to_json(Json& out, const Nic& nic) {
    out = {{"name", nic.name},           {"network", nic.network}, {"mac", nic.mac},
           {"addresses", nic.addresses}, {"learned", nic.learned}, {"mtu", nic.mtu},
           {"queues", nic.queues},       {"vlans", nic.vlans}};
}

static void from_json(const Json& in, Nic& nic) {
    in.at("name").get_to(nic.name);
    in.at("network").get_to(nic.network);
    in.at("mac").get_to(nic.mac);
    in.at("addresses").get_to(nic.addresses);
    in.at("learned").get_to(nic.learned);
    in.at("mtu").get_to(nic.mtu);
    in.at("queues").get_to(nic.queues);
    in.at("vlans").get_to(nic.vlans);
}

static void to_json(Json& out, const Program& program) {
    out = {{"argv", program.argv}, {"input", program.input}};
}

static void from_json(const Json& in, Program& program) {
    in.at("argv").get_to(program.argv);
    in.at("input").get_to(program.input);
}

static void to_json(Json& out, const Route& route) {
    out = {{"destination", route.destination}, {"via", route.via}};
}

static void from_json(const Json& in, Route& route) {
    in.at("destination").get_to(route.destination);
    in.at("via").get_to(route.via);
}

static void to_json(Json& out, const KeptProgram& program) {
    out = {{"request", program.request}, {"ready", program.ready}};
}

static void from_json(const Json& in, KeptProgram& program) {
    in.at("request").get_to(program.request);
    in.at("ready").get_to(program.ready);
}

static void to_json(Json& out, const Warm& warm) {
    out = {{"directory", warm.directory}, {"keep", warm.keep}, {"programs", warm.programs}};
}

static void from_json(const Json& in, Warm& warm) {
    in.at("directory").get_to(warm.directory);
    in.at("keep").get_to(warm.keep);
    in.at("programs").get_to(warm.programs);
}

static void to_json(Json& out, const Node& node) {
    out = {{"name", node.name},       {"kind", name_of(node_kinds, node.kind)},
           {"nics", node.nics},       {"routes", node.routes},
           {"sysctls", node.sysctls}, {"trace", name_of(traces, node.trace)},
           {"cpus", node.cpus},       {"memory_mib", node.memory_mib}};
    // Most nodes have none of these.
    const auto put = [&](const char* name, const auto& list) {
        if (!list.empty())
            out[name] = list;
    };
    put("trace_arguments", node.trace_arguments);
    put("modules", node.modules);
    put("links", node.links);
    put("link_addresses", node.link_addresses);
    put("awaited", node.awaited);
    put("routing", node.routing);
    put("nameservers", node.nameservers);
    for (const Node& inner : node.namespaces)
        to_json(out["namespaces"].emplace_back(), inner);
    if (node.warm)
        out["warm"] = *node.warm;
}

static void from_json(const Json& in, Node& node) {
    in.at("name").get_to(node.name);
    node.kind = value_of(node_kinds, in.at("kind"));
    in.at("nics").get_to(node.nics);
    in.at("routes").get_to(node.routes);
    in.at("sysctls").get_to(node.sysctls);
    node.trace = value_of(traces, in.at("trace"));
    const auto get = [&](const char* name, auto& list) {
        if (const auto found = in.find(name); found != in.end())
            found->get_to(list);
    };
    get("trace_arguments", node.trace_arguments);
    get("modules", node.modules);
    get("links", node.links);
    get("link_addresses", node.link_addresses);
    get("awaited", node.awaited);
    get("routing", node.routing);
    get("nameservers", node.nameservers);
    if (const auto found = in.find("namespaces"); found != in.end())
        for (const Json& inner : *found)
            from_json(inner, node.namespaces.emplace_back());
    in.at("cpus").get_to(node.cpus);
    in.at("memory_mib").get_to(node.memory_mib);
    if (const auto warm = in.find("warm"); warm != in.end())
        node.warm = warm->get<Warm>();
}

static void to_json(Json& out, const Network& network) {
    out = {{"name", network.name},
           {"bridge", network.bridge},
           {"kind", name_of(network_kinds, network.kind)},
           {"subnets", network.subnets},
           {"vlan_aware", network.vlan_aware}};
}

static void from_json(const Json& in, Network& network) {
    in.at("name").get_to(network.name);
    in.at("bridge").get_to(network.bridge);
    network.kind = value_of(network_kinds, in.at("kind"));
    in.at("subnets").get_to(network.subnets);
    in.at("vlan_aware").get_to(network.vlan_aware);
}

void to_json(Json& out, const Plan& plan) {
    out = {{"lab", plan.lab},
           {"scenario", plan.scenario},
           {"accelerator", name_of(accelerators, plan.accelerator)},
           {"accelerator_reason", plan.accelerator_reason},
           {"count_instructions", plan.count_instructions},
           {"boot", plan.boot},
           {"deadlines", plan.deadlines},
           {"networks", plan.networks},
           {"nodes", plan.nodes}};
}

void from_json(const Json& in, Plan& plan) {
    in.at("lab").get_to(plan.lab);
    in.at("scenario").get_to(plan.scenario);
    plan.accelerator = value_of(accelerators, in.at("accelerator"));
    in.at("accelerator_reason").get_to(plan.accelerator_reason);
    plan.count_instructions = in.value("count_instructions", false);
    in.at("boot").get_to(plan.boot);
    in.at("deadlines").get_to(plan.deadlines);
    in.at("networks").get_to(plan.networks);
    in.at("nodes").get_to(plan.nodes);
}

} // namespace plan
} // namespace nflab

// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/plan/node_scripts.hpp"
#include "harness/plan/plan.hpp"
#include "harness/scenario/kernel_constraint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <set>
#include <utility>

namespace nflab::plan {

namespace {

std::vector<std::string> trace_arguments(const scenario::Node& node) {
    std::vector<std::string> arguments;
    const auto add = [&](const char* option, const std::string& value) {
        if (!value.empty())
            arguments.insert(arguments.end(), {option, value});
    };
    add("--method", node.trace_method);
    if (!node.trace_stack)
        return arguments;
    const scenario::StackFilter& stack = *node.trace_stack;
    add("--stack-verdict", stack.verdict);
    add("--stack-address", stack.address);
    add("--stack-port", stack.port ? std::to_string(*stack.port) : "");
    add("--stack-protocol", stack.protocol);
    add("--stack-rate", stack.rate ? std::to_string(*stack.rate) : "");
    return arguments;
}

constexpr std::size_t longest_interface_name = 15; // IFNAMSIZ - 1, linux/if.h

/// "br-<network>", cut and numbered where that would be too long or taken.
std::string bridge_name(const std::string& network, std::set<std::string>& taken) {
    const std::string wanted = "br-" + network;
    std::string name = wanted;
    for (int number = 1; name.size() > longest_interface_name || taken.count(name) != 0; ++number) {
        const std::string suffix = fmt::format("~{}", number);
        name = wanted.substr(0, longest_interface_name - suffix.size());
        name += suffix;
    }
    taken.insert(name);
    return name;
}

Nic make_nic(const std::string& lab, const scenario::Node& node,
             const scenario::Interface& interface) {
    Nic nic;
    nic.name = interface.name;
    nic.network = interface.network;
    nic.mac = interface.mac.value_or(derive_mac(lab, node.name, interface.name));
    nic.addresses = interface.addresses;
    nic.learned = interface.learned;
    nic.mtu = interface.mtu.value_or(nic.mtu);
    nic.queues = interface.queues;
    nic.vlans = interface.vlans;
    return nic;
}

void add_program(std::vector<Program>& programs, std::vector<std::string> argv, std::string input) {
    if (!input.empty())
        programs.push_back({std::move(argv), std::move(input)});
}

std::string lines_of(const std::vector<std::string>& texts) {
    std::string lines;
    for (const std::string& text : texts)
        lines += text + '\n';
    return lines;
}

void plan_links(const scenario::Node& source, Node& node) {
    add_program(node.links, {"ip", "-batch", "-"}, link_script(source));
    add_program(node.links, {"bridge", "-batch", "-"}, bridge_script(source));
    for (const auto& link : source.links) {
        node.link_addresses.insert(node.link_addresses.end(), link.addresses.begin(),
                                   link.addresses.end());
        if (!link.addresses.empty())
            node.awaited.push_back(link.name);
    }
    add_program(node.routing, {"ip", "-batch", "-"}, routing_script(source));
    add_program(node.routing, {"ip", "-6", "-batch", "-"}, ipv6_rule_script(source));
    add_program(node.routing, {"tc", "-batch", "-"}, lines_of(source.tc));
}

Node make_node(const std::string& lab, const scenario::Node& source) {
    Node node;
    node.name = source.name;
    node.kind = source.kind;
    for (const auto& interface : source.interfaces)
        node.nics.push_back(make_nic(lab, source, interface));
    // Routes before default routes: a gateway may only be reachable through one of them.
    for (const auto& route : source.routes)
        if (!route.via.empty())
            node.routes.push_back({route.destination, route.via});
    for (const auto& gateway : source.gateways)
        node.routes.push_back({"default", gateway});
    node.sysctls.assign(source.sysctls.begin(), source.sysctls.end());
    node.trace = source.trace;
    node.trace_arguments = trace_arguments(source);
    node.cpus = source.cpus;
    node.memory_mib = source.memory_mib;
    node.modules = source.modules;
    plan_links(source, node);
    for (const auto& inner : source.namespaces)
        node.namespaces.push_back(make_node(lab, inner));
    return node;
}

bool has_vlans(const Plan& plan, const std::string& network) {
    for (const Node& node : plan.nodes)
        for (const Nic* nic : all_nics(node))
            if (nic->network == network && !nic->vlans.empty())
                return true;
    return false;
}

/// A scenario may only be run on kernels that it says it is for.
void check_kernel(const scenario::Scenario& scenario, const BootFiles& boot) {
    if (scenario.kernels.empty())
        return;
    const auto constraint = scenario::KernelConstraint::parse(scenario.kernels);
    if (constraint && constraint->admits(boot.kernel_release))
        return;
    throw Error(Failure::bad_input,
                fmt::format("{} is for kernels {}, and this one is {}", scenario.file,
                            scenario.kernels, boot.kernel_release),
                "choose another with --kernel");
}

} // namespace

const Node* Plan::find_node(const std::string& name) const {
    for (const Node& node : nodes) {
        if (node.name == name)
            return &node;
        for (const Node& inner : node.namespaces)
            if (inner.name == name)
                return &inner;
    }
    return nullptr;
}

std::vector<const Nic*> all_nics(const Node& node) {
    std::vector<const Nic*> nics;
    for (const Nic& nic : node.nics)
        nics.push_back(&nic);
    for (const Node& inner : node.namespaces)
        for (const Nic& nic : inner.nics)
            nics.push_back(&nic);
    return nics;
}

const Node& Plan::require_node(const std::string& name) const {
    if (const Node* node = find_node(name))
        return *node;
    std::string known;
    for (const Node& node : nodes)
        known += (known.empty() ? "" : ", ") + node.name;
    throw Error(Failure::bad_input, fmt::format("lab '{}' has no node '{}'", lab, name),
                fmt::format("its nodes are {}", known));
}

Plan make_plan(const scenario::Scenario& scenario, const BootFiles& boot, std::string lab,
               Accelerator accelerator) {
    check_kernel(scenario, boot);
    Plan plan;
    plan.lab = std::move(lab);
    plan.scenario = scenario.file;
    plan.accelerator = accelerator;
    plan.boot = boot;
    std::set<std::string> bridges;
    for (const auto& network : scenario.networks)
        plan.networks.push_back(
            {network.name, bridge_name(network.name, bridges), network.kind, network.subnets});
    for (const auto& node : scenario.nodes)
        plan.nodes.push_back(make_node(plan.lab, node));
    for (Network& network : plan.networks)
        network.vlan_aware = has_vlans(plan, network.name);
    return plan;
}

} // namespace nflab::plan

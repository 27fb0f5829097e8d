// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/plan/node_scripts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

namespace nflab::plan {

namespace {

using scenario::Link;

bool is_ipv6(const std::string& text) {
    return text.find(':') != std::string::npos;
}

// What has no address in it says its family, as for ip(8) itself.
constexpr std::string_view family_word = "-6 ";

bool is_ipv6_rule(const std::string& rule) {
    return rule.rfind(family_word, 0) == 0 || is_ipv6(rule);
}

bool filters_vlans(const Link& link) {
    return !link.vlans.empty() ||
           std::any_of(link.ports.begin(), link.ports.end(),
                       [](const scenario::Port& port) { return !port.vlans.empty(); });
}

/// Whoever is below another comes first; a ring, which the kernel refuses, stays as it is written.
std::vector<const Link*> in_order(const scenario::Node& node) {
    std::set<std::string> waiting;
    for (const Link& link : node.links)
        waiting.insert(link.name);
    std::vector<const Link*> order;
    for (std::size_t before = node.links.size() + 1; waiting.size() < before;) {
        before = waiting.size();
        for (const Link& link : node.links)
            if (waiting.count(link.name) != 0 && waiting.count(link.lower) == 0) {
                order.push_back(&link);
                waiting.erase(link.name);
            }
    }
    for (const Link& link : node.links)
        if (waiting.count(link.name) != 0)
            order.push_back(&link);
    return order;
}

std::string kind_words(const Link& link) {
    std::string words = link.kind;
    const auto add = [&](const char* key, const std::string& value) {
        if (!value.empty())
            words += fmt::format(" {} {}", key, value);
    };
    const auto number = [](const std::optional<int>& value) {
        return value ? std::to_string(*value) : std::string();
    };
    add("id", number(link.id));
    add("table", number(link.table));
    add("mode", link.mode);
    if (link.kind == "bond" && link.options.find("miimon") == std::string::npos)
        words += " miimon 100"; // without it, no member is ever found dead
    if (link.kind == "vxlan")
        add("dstport", std::to_string(link.port.value_or(4789))); // IANA's, not the kernel's 8472
    add("local", link.local);
    add("remote", link.remote);
    if (link.kind == "bridge" && filters_vlans(link))
        words += " vlan_filtering 1";
    if (!link.peer.empty()) {
        words += " peer name " + link.peer;
        add("netns", link.peer_namespace);
    }
    if (!link.options.empty())
        words += ' ' + link.options;
    return words;
}

std::string add_link(const Link& link) {
    std::string line = "link add";
    // A vxlan's is an option of its kind.
    const bool below = !link.lower.empty() && link.kind != "vxlan";
    if (below)
        line += " link " + link.lower;
    line += " name " + link.name;
    if (link.mac)
        line += " address " + *link.mac;
    if (link.mtu)
        line += fmt::format(" mtu {}", *link.mtu);
    line += " type " + kind_words(link);
    if (!link.lower.empty() && !below)
        line += " dev " + link.lower;
    return line + '\n';
}

} // namespace

std::string link_script(const scenario::Node& node) {
    const std::vector<const Link*> links = in_order(node);
    std::string script;
    for (const Link* link : links)
        if (link->kind != "peer")
            script += add_link(*link);
    std::set<std::string> used;
    for (const Link* link : links) {
        used.insert(link->lower);
        for (const auto& port : link->ports) {
            used.insert(port.name);
            script += fmt::format("link set dev {} master {}\n", port.name, link->name);
        }
    }
    // A VLAN cannot come up before the device that it is on.
    for (const auto& interface : node.interfaces)
        if (used.count(interface.name) != 0)
            script += fmt::format("link set dev {} up\n", interface.name);
    for (const Link* link : links) {
        if (link->kind == "peer" && link->mtu)
            script += fmt::format("link set dev {} mtu {}\n", link->name, *link->mtu);
        script += fmt::format("link set dev {} up\n", link->name);
    }
    for (const Link* link : links)
        for (const std::string& address : link->addresses)
            script += fmt::format("address add {} dev {}{}\n", address, link->name,
                                  is_ipv6(address) ? " nodad" : "");
    return script;
}

std::string vlan_script(const std::string& device, const scenario::Vlans& vlans, bool of_bridge) {
    if (vlans.empty())
        return {};
    const char* self = of_bridge ? " self" : "";
    // VLAN 1, untagged, is every port's until somebody says otherwise.
    std::string script = fmt::format("vlan del dev {} vid 1{}\n", device, self);
    if (vlans.untagged)
        script +=
            fmt::format("vlan add dev {} vid {} pvid untagged{}\n", device, *vlans.untagged, self);
    for (const std::string& range : vlans.tagged)
        script += fmt::format("vlan add dev {} vid {}{}\n", device, range, self);
    return script;
}

std::string bridge_script(const scenario::Node& node) {
    std::string script;
    for (const Link& link : node.links) {
        if (link.kind != "bridge")
            continue;
        script += vlan_script(link.name, link.vlans, true);
        for (const auto& port : link.ports)
            script += vlan_script(port.name, port.vlans, false);
    }
    return script;
}

std::string routing_script(const scenario::Node& node) {
    std::string script;
    for (const scenario::Route& route : node.routes) {
        if (!route.via.empty())
            continue;
        script += "route add";
        for (const std::string& words : {route.type, route.destination, route.words})
            if (!words.empty())
                script += ' ' + words;
        script += '\n';
    }
    for (const std::string& rule : node.rules)
        if (!is_ipv6_rule(rule))
            script += "rule add " + rule + '\n';
    for (const scenario::Neighbour& neighbour : node.neighbours)
        script += fmt::format("neighbour replace {} lladdr {} dev {} nud permanent\n",
                              neighbour.address, neighbour.mac, neighbour.device);
    return script;
}

std::string ipv6_rule_script(const scenario::Node& node) {
    std::string script;
    for (const std::string& rule : node.rules)
        if (is_ipv6_rule(rule))
            script += "rule add " +
                      rule.substr(rule.rfind(family_word, 0) == 0 ? family_word.size() : 0) + '\n';
    return script;
}

} // namespace nflab::plan

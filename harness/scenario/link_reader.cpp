// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/link_reader.hpp"

#include "harness/scenario/suggest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

namespace nflab::scenario {

namespace {

/// What a kind must have, and what it may have beside that; every kind may have the rest.
struct KindKeys {
    std::string_view kind;
    std::vector<std::string_view> required;
    std::vector<std::string_view> optional;
};

const std::vector<KindKeys>& kind_keys() {
    static const std::vector<KindKeys> all = {
        {"bridge", {}, {"ports", "vlan", "trunk"}},
        {"bond", {"ports"}, {"mode"}},
        {"vrf", {"table"}, {"ports"}},
        {"vlan", {"link", "id"}, {}},
        {"macvlan", {"link"}, {"mode"}},
        {"ipvlan", {"link"}, {"mode"}},
        {"dummy", {}, {}},
        {"ifb", {}, {}},
        {"veth", {"peer"}, {"peer_address"}},
        {"vxlan", {"id"}, {"link", "local", "remote", "port"}},
        {"gre", {"remote"}, {"local"}},
        {"gretap", {"remote"}, {"local"}},
        {"ipip", {"remote"}, {"local"}},
        {"sit", {"remote"}, {"local"}},
        {"ip6gre", {"remote"}, {"local"}},
        {"ip6tnl", {"remote"}, {"local"}},
    };
    return all;
}

constexpr std::array special_keys = {"ports", "vlan", "trunk",        "link",  "id",     "table",
                                     "mode",  "peer", "peer_address", "local", "remote", "port"};

template <typename Words>
bool contains(const Words& words, std::string_view word) {
    return std::any_of(words.begin(), words.end(), [&](const auto& each) { return word == each; });
}

} // namespace

std::vector<std::string> device_names(const Node& node) {
    std::vector<std::string> names;
    for (const auto& interface : node.interfaces)
        names.push_back(interface.name);
    for (const auto& link : node.links)
        names.push_back(link.name);
    return names;
}

void LinkReader::read(const Fields& fields) {
    for (const auto& entry : fields.entries("links"))
        read_link(entry);
    check_devices(fields);
}

void LinkReader::read_link(const Entry& entry) {
    const Fields fields(entry.value, link_object, problems_);
    Link link;
    link.name = entry.key;
    link.where = entry.where;
    link.kind = fields.text("kind");
    check_new(node_, {entry.key, entry.where});
    check_keys(fields, link);
    link.lower = fields.text("link");
    link.id = fields.integer("id");
    link.table = fields.integer("table");
    link.mode = fields.text("mode");
    link.port = fields.integer("port");
    link.options = fields.text("options");
    link.mtu = fields.integer("mtu");
    link.vlans = read_vlans(fields, problems_);
    if (fields.get("mac") != nullptr)
        link.mac = interfaces_.read_mac(node_.name, {fields.text("mac"), fields.where("mac")});
    constexpr int last_vlan = 4094;
    if (link.kind == "vlan" && link.id.value_or(1) > last_vlan)
        problems_.add(fields.where("id"), fmt::format("VLAN {} is too large", *link.id),
                      fmt::format("the last one is {}", last_vlan));
    read_endpoint(fields, "local", link.local);
    read_endpoint(fields, "remote", link.remote);
    read_ports(fields, link);
    read_addresses(node_, fields.texts("address"), link);
    if (const std::string peer = fields.text("peer"); !peer.empty()) {
        const auto slash = peer.find('/');
        link.peer = peer.substr(slash == std::string::npos ? 0 : slash + 1);
        link.peer_namespace = slash == std::string::npos ? "" : peer.substr(0, slash);
    }
    node_.links.push_back(link);
    if (!link.peer.empty())
        read_peer(fields, link);
}

void LinkReader::check_keys(const Fields& fields, const Link& link) {
    const auto& all = kind_keys();
    const auto keys = std::find_if(all.begin(), all.end(),
                                   [&](const KindKeys& each) { return each.kind == link.kind; });
    if (keys == all.end())
        return;
    for (const auto& key : keys->required) {
        if (!fields.has(key))
            problems_.add(link.where,
                          fmt::format("the {} '{}' has no '{}'", link.kind, link.name, key),
                          fmt::format("add `{}:`", key));
    }
    for (const auto* key : special_keys) {
        if (fields.has(key) && !contains(keys->required, key) && !contains(keys->optional, key))
            problems_.add(
                fields.where(key),
                fmt::format("'{}' means nothing for the {} '{}'", key, link.kind, link.name),
                "leave it out");
    }
}

void LinkReader::read_endpoint(const Fields& fields, const char* key, std::string& address) {
    const std::string text = fields.text(key);
    if (text.empty())
        return;
    if (const auto parsed = Address::parse(text))
        address = parsed->text();
    else
        problems_.add(fields.where(key), fmt::format("'{}' is not an address", text),
                      "write one without a prefix length");
}

void LinkReader::read_ports(const Fields& fields, Link& link) {
    const Value* value = fields.get("ports");
    if (value == nullptr)
        return;
    for (const auto& text : texts_of(*value))
        link.ports.push_back({text.text, {}});
    for (const auto& entry : value->entries) {
        const Fields port(entry.value, port_object, problems_);
        link.ports.push_back({entry.key, read_vlans(port, problems_)});
        if (link.kind != "bridge" && !link.ports.back().vlans.empty())
            problems_.add(entry.where,
                          fmt::format("the {} '{}' knows no VLANs", link.kind, link.name),
                          "only ports of a bridge have them");
    }
}

void LinkReader::read_addresses(const Node& node, const std::vector<Text>& texts, Link& link) {
    for (const auto& text : texts) {
        if (const auto address = interfaces_.read_link_address(node, text))
            link.addresses.push_back(*address);
    }
}

void LinkReader::read_peer(const Fields& fields, const Link& link) {
    Node* home = &node_;
    if (!link.peer_namespace.empty()) {
        const std::string name = node_.name + '/' + link.peer_namespace;
        const auto found = std::find_if(namespaces_.begin(), namespaces_.end(),
                                        [&](const Node& each) { return each.name == name; });
        if (found == namespaces_.end()) {
            problems_.add(
                fields.where("peer"),
                fmt::format("'{}' has no namespace '{}'", node_.name, link.peer_namespace),
                "add it under `netns` of the node");
            return;
        }
        home = &*found;
    }
    const Text name{link.peer, fields.where("peer")};
    check_new(*home, name);
    Link peer;
    peer.name = link.peer;
    peer.kind = "peer";
    peer.mtu = link.mtu;
    peer.where = name.where;
    read_addresses(*home, fields.texts("peer_address"), peer);
    home->links.push_back(std::move(peer));
}

/// What links name must be there, whichever of them stands first.
void LinkReader::check_devices(const Fields& fields) {
    std::map<std::string, std::string> masters;
    for (const auto& entry : fields.entries("links")) {
        const auto link = std::find_if(node_.links.begin(), node_.links.end(),
                                       [&](const Link& each) { return each.name == entry.key; });
        if (link == node_.links.end())
            continue;
        if (const Value* lower = entry.value.find("link"); lower != nullptr && !link->lower.empty())
            check_device(*link, {link->lower, lower->where}, "link");
        const Value* ports = entry.value.find("ports");
        for (const auto& port : link->ports) {
            check_device(*link, {port.name, ports->where}, "port");
            const auto [master, is_new] = masters.try_emplace(port.name, link->name);
            if (!is_new)
                problems_.add(
                    ports->where,
                    fmt::format("'{}' is a port of '{}' already", port.name, master->second),
                    "a device has one master");
        }
    }
}

void LinkReader::check_device(const Link& link, const Text& name, const char* key) {
    auto known = device_names(node_);
    known.erase(std::remove(known.begin(), known.end(), link.name), known.end());
    if (!contains(known, name.text))
        problems_.add(name.where,
                      fmt::format("the {} '{}' of '{}' is no interface of '{}'", key, name.text,
                                  link.name, node_.name),
                      suggest(name.text, known));
}

void LinkReader::check_new(const Node& node, const Text& name) {
    interfaces_.check_device_name(name);
    if (contains(device_names(node), name.text))
        problems_.add(name.where,
                      fmt::format("'{}' has two devices of the name '{}'", node.name, name.text),
                      "give each a name of its own");
}

} // namespace nflab::scenario

// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/route_reader.hpp"

#include "harness/base/words.hpp"
#include "harness/scenario/interface_reader.hpp"
#include "harness/scenario/link_reader.hpp"
#include "harness/scenario/suggest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace nflab::scenario {

namespace {

// Of ip-route(8): kinds of route, and words that stand alone or before one other.
constexpr std::array types = {"unicast", "blackhole", "unreachable", "prohibit", "throw",
                              "local",   "broadcast", "multicast",   "anycast",  "nat"};
constexpr std::array flags = {"onlink", "pervasive", "lock", "nexthop"};
constexpr std::array pairs = {"via",    "dev",      "table",    "metric",   "mtu",      "src",
                              "advmss", "proto",    "scope",    "weight",   "realm",    "window",
                              "rtt",    "hoplimit", "initcwnd", "initrwnd", "quickack", "congctl",
                              "pref",   "tos",      "nhid"};

template <typename Words>
bool contains(const Words& words, std::string_view word) {
    return std::any_of(words.begin(), words.end(), [&](const auto& each) { return word == each; });
}

/// The device that reaches the address without a router.
std::string device_to(const Scenario& scenario, const Node& node, const Address& address) {
    const auto holds = [&](const std::vector<std::string>& addresses) {
        return std::any_of(addresses.begin(), addresses.end(), [&](const std::string& text) {
            const auto subnet = Subnet::parse(text);
            return subnet && subnet->contains(address);
        });
    };
    for (const auto& link : node.links)
        if (holds(link.addresses))
            return link.name;
    for (const auto& interface : node.interfaces) {
        const Network* network = scenario.find_network(interface.network);
        if (holds(interface.addresses) || (network != nullptr && holds(network->subnets)))
            return interface.name;
    }
    return {};
}

} // namespace

void RouteReader::read(const Fields& fields) {
    read_gateways(fields);
    read_routes(fields);
    read_rules(fields);
    read_neighbours(fields);
}

void RouteReader::read_gateways(const Fields& fields) {
    std::array<bool, 2> seen = {false, false};
    for (const auto& text : fields.texts("gateway")) {
        const auto gateway = read_next_hop(text, "gateway");
        if (!gateway)
            continue;
        if (seen.at(gateway->ipv6() ? 1 : 0)) {
            problems_.add(text.where,
                          fmt::format("a second {} gateway", gateway->ipv6() ? "IPv6" : "IPv4"),
                          "a node has one default route for each family: use `routes` for others");
            continue;
        }
        seen.at(gateway->ipv6() ? 1 : 0) = true;
        node_.gateways.push_back(gateway->text());
    }
}

void RouteReader::read_routes(const Fields& fields) {
    for (const auto& entry : fields.entries("routes")) {
        const auto destination = Subnet::parse(entry.key);
        if (entry.key != "default" &&
            (!destination || !(destination->first() == destination->address))) {
            problems_.add(entry.where, fmt::format("'{}' is not a destination network", entry.key),
                          destination
                              ? fmt::format("the network is {}/{}", destination->first().text(),
                                            destination->prefix)
                              : "write one such as 10.0.0.0/8, or `default`");
            continue;
        }
        for (const auto& text : texts_of(entry.value))
            read_route({destination ? destination->text() : entry.key, entry.where}, text);
    }
}

void RouteReader::read_route(const Text& destination, const Text& value) {
    const auto words = split_words(value.text);
    if (words.size() > 1 || contains(types, value.text)) {
        check_words(value);
        const bool typed = contains(types, words.front());
        node_.routes.push_back(
            {destination.text, "", typed ? words.front() : "",
             fmt::format("{}", fmt::join(words.begin() + (typed ? 1 : 0), words.end(), " "))});
        return;
    }
    const auto subnet = Subnet::parse(destination.text);
    const auto via = read_next_hop(value, "next hop");
    if (via && subnet && via->ipv6() != subnet->address.ipv6())
        problems_.add(
            value.where,
            fmt::format("next hop {} is of another family than {}", via->text(), destination.text),
            "IPv4 networks have IPv4 next hops, and IPv6 networks IPv6 ones");
    else if (via)
        node_.routes.push_back({destination.text, via->text(), {}, {}});
}

void RouteReader::check_words(const Text& value) {
    const auto words = split_words(value.text);
    std::size_t at = contains(types, words.front()) ? 1 : 0;
    for (; at < words.size() && words[at] != "encap"; ++at) {
        const std::string& word = words[at];
        if (contains(flags, word))
            continue;
        if (!contains(pairs, word)) {
            std::vector<std::string> known(pairs.begin(), pairs.end());
            known.insert(known.end(), types.begin(), types.end());
            known.insert(known.end(), flags.begin(), flags.end());
            problems_.add(value.where, fmt::format("unknown word '{}' in a route", word),
                          suggest(word, known));
            return;
        }
        if (at + 1 == words.size()) {
            problems_.add(value.where, fmt::format("nothing follows '{}' in a route", word),
                          "write it as ip-route(8) does");
            return;
        }
        if (word == "via" && (words[at + 1] == "inet6" || words[at + 1] == "inet"))
            ++at;
        ++at;
        const std::string operand = at < words.size() ? words[at] : std::string();
        if (word == "via" && !Address::parse(operand))
            problems_.add(value.where, fmt::format("next hop '{}' is not an address", operand),
                          "write an address without a prefix length");
        const auto known = device_names(node_);
        if (word == "dev" && operand != "lo" && !contains(known, operand))
            problems_.add(value.where,
                          fmt::format("'{}' is no interface of '{}'", operand, node_.name),
                          suggest(operand, known));
    }
}

void RouteReader::read_rules(const Fields& fields) {
    for (const auto& text : fields.texts("rules"))
        node_.rules.push_back(text.text);
}

void RouteReader::read_neighbours(const Fields& fields) {
    for (const auto& entry : fields.entries("neighbours")) {
        const auto address = Address::parse(entry.key);
        const auto mac = parse_mac(entry.value.text);
        if (!address)
            problems_.add(entry.where, fmt::format("'{}' is not an address", entry.key),
                          "write one without a prefix length");
        if (!mac)
            problems_.add(entry.value.where,
                          fmt::format("'{}' is not the MAC address of a station", entry.value.text),
                          "write six octets, the first of them even, such as 02:00:00:00:00:01");
        if (!address || !mac)
            continue;
        const std::string device = device_to(reading_.scenario, node_, *address);
        if (device.empty())
            problems_.add(entry.where,
                          fmt::format("'{}' cannot reach the neighbour {} on any of its networks",
                                      node_.name, address->text()),
                          "write an address inside of a network that it is plugged into");
        else
            node_.neighbours.push_back({address->text(), *mac, device});
    }
}

/// An address that the node can reach without a router.
std::optional<Address> RouteReader::read_next_hop(const Text& text, const char* what) {
    const auto address = Address::parse(text.text);
    if (!address) {
        problems_.add(text.where, fmt::format("{} '{}' is not an address", what, text.text),
                      "write an address without a prefix length");
        return std::nullopt;
    }
    const auto own = addresses_of(node_);
    if (std::find(own.begin(), own.end(), *address) != own.end()) {
        problems_.add(
            text.where,
            fmt::format("{} {} is an address of '{}' itself", what, address->text(), node_.name),
            "write the address of the router next to it");
        return std::nullopt;
    }
    if (!on_link(*address)) {
        problems_.add(text.where,
                      fmt::format("'{}' cannot reach {} {} on any of its networks", node_.name,
                                  what, address->text()),
                      "write an address inside of a network that it is plugged into");
        return std::nullopt;
    }
    return address;
}

bool RouteReader::on_link(const Address& address) const {
    return !device_to(reading_.scenario, node_, address).empty() ||
           std::any_of(
               node_.interfaces.begin(), node_.interfaces.end(), [&](const Interface& interface) {
                   const Network* network = reading_.scenario.find_network(interface.network);
                   // A network with a mistake of its own says nothing about addresses.
                   return network == nullptr || network->subnets.empty();
               });
}

} // namespace nflab::scenario

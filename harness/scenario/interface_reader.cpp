// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/interface_reader.hpp"

#include "harness/scenario/suggest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <optional>

namespace nflab::scenario {

namespace {

constexpr std::size_t longest_interface_name = 15; // IFNAMSIZ - 1, linux/if.h

/// The subnet of the network that the address is in.
std::optional<Subnet> subnet_of(const Network& network, const Address& address) {
    for (const auto& text : network.subnets) {
        const auto subnet = Subnet::parse(text);
        if (subnet && subnet->contains(address))
            return subnet;
    }
    return std::nullopt;
}

/// The network of one of the node's interfaces that the address is in.
const Network* network_of(const Scenario& scenario, const Node& node, const Address& address) {
    for (const auto& interface : node.interfaces) {
        const Network* network = scenario.find_network(interface.network);
        if (network != nullptr && subnet_of(*network, address))
            return network;
    }
    return nullptr;
}

/// "10" or "20-29".
bool is_vlan_range(const std::string& text) {
    constexpr long last = 4094;
    const auto dash = text.find('-');
    const auto from = parse_integer(text.substr(0, dash));
    const auto to = dash == std::string::npos ? from : parse_integer(text.substr(dash + 1));
    return from && to && *from >= 1 && *from <= *to && *to <= last;
}

} // namespace

std::optional<std::string> parse_mac(const std::string& text) {
    constexpr std::size_t size = 17;
    std::string mac;
    bool zero = true;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool separator = mac.size() % 3 == 2;
        if (separator ? c != ':' : std::isxdigit(byte) == 0)
            return std::nullopt;
        zero = zero && (separator || c == '0');
        mac += static_cast<char>(std::tolower(byte));
    }
    if (mac.size() != size || zero ||
        std::string_view("13579bdf").find(mac[1]) != std::string_view::npos)
        return std::nullopt;
    return mac;
}

Vlans read_vlans(const Fields& fields, Problems& problems) {
    Vlans vlans;
    vlans.untagged = fields.integer("vlan");
    for (const auto& text : fields.texts("trunk")) {
        if (is_vlan_range(text.text))
            vlans.tagged.push_back(text.text);
        else
            problems.add(text.where, fmt::format("'{}' is no VLAN", text.text),
                         "write a number from 1 to 4094, or a range such as 20-29");
    }
    return vlans;
}

std::vector<Interface> InterfaceReader::read(const Fields& node, const std::string& node_name) {
    node_name_ = node_name;
    std::vector<Interface> interfaces;
    if (node.has("addresses") && node.has("interfaces"))
        problems_.add(node.where("addresses"),
                      fmt::format("'{}' has both 'addresses' and 'interfaces'", node_name),
                      "name all of its interfaces under `interfaces`");
    for (const auto& entry : node.entries("addresses"))
        interfaces.push_back(from_addresses(entry, interfaces.size()));
    for (const auto& entry : node.entries("interfaces"))
        interfaces.push_back(from_interface(entry));
    return interfaces;
}

Interface InterfaceReader::from_addresses(const Entry& entry, std::size_t number) {
    Interface interface;
    interface.name = fmt::format("eth{}", number);
    interface.where = entry.where;
    read_network(interface, {entry.key, entry.where});
    read_addresses(interface, texts_of(entry.value));
    return interface;
}

Interface InterfaceReader::from_interface(const Entry& entry) {
    const Fields fields(entry.value, interface_object, problems_);
    Interface interface;
    interface.name = entry.key;
    interface.where = entry.where;
    check_device_name({entry.key, entry.where});
    if (fields.get("network") != nullptr)
        read_network(interface, {fields.text("network"), fields.where("network")});
    read_addresses(interface, fields.texts("address"));
    if (fields.get("mac") != nullptr)
        interface.mac = read_mac(node_name_, {fields.text("mac"), fields.where("mac")});
    interface.mtu = fields.integer("mtu");
    interface.queues = fields.integer("queues").value_or(interface.queues);
    interface.vlans = read_vlans(fields, problems_);
    return interface;
}

void InterfaceReader::read_network(Interface& interface, const Text& name) {
    interface.network = name.text;
    if (reading_.scenario.find_network(name.text) != nullptr)
        return;
    std::vector<std::string> known;
    for (const auto& network : reading_.scenario.networks)
        known.push_back(network.name);
    problems_.add(name.where, fmt::format("unknown network '{}'", name.text),
                  known.empty() ? "add it under `networks`" : suggest(name.text, known));
}

void InterfaceReader::read_addresses(Interface& interface, const std::vector<Text>& texts) {
    const Network* network = reading_.scenario.find_network(interface.network);
    for (const auto& text : texts)
        read_address(interface, network, text);
}

void InterfaceReader::read_address(Interface& interface, const Network* network, const Text& text) {
    const bool has_prefix = text.text.find('/') != std::string::npos;
    std::optional<Subnet> address;
    if (has_prefix)
        address = Subnet::parse(text.text);
    else if (const auto plain = Address::parse(text.text))
        address = Subnet{*plain, plain->bits()};
    if (!address) {
        problems_.add(text.where, fmt::format("'{}' is not an address", text.text),
                      "write one such as 192.168.4.1 or fd00::1, with or without /PREFIX");
        return;
    }
    // A network that is unknown or has a mistake of its own has been reported already.
    if (network == nullptr || network->subnets.empty() || !check_inside(*network, text, *address) ||
        !check_unused(interface.network, text, address->address))
        return;
    if (!has_prefix)
        address->prefix = subnet_of(*network, address->address)->prefix;
    interface.addresses.push_back(address->text());
}

bool InterfaceReader::check_inside(const Network& network, const Text& text,
                                   const Subnet& address) {
    const auto subnet = subnet_of(network, address.address);
    if (!subnet) {
        problems_.add(
            text.where,
            fmt::format("{} is outside of network '{}'", address.address.text(), network.name),
            fmt::format("choose an address in {}", fmt::join(network.subnets, " or ")));
        return false;
    }
    if (!subnet->reserves_ends())
        return true;
    const bool broadcast = !subnet->address.ipv6() && address.address == subnet->last();
    if (!broadcast && !(address.address == subnet->first()))
        return true;
    problems_.add(text.where,
                  fmt::format("{} is the {} address of network '{}'", address.address.text(),
                              broadcast ? "broadcast" : "first, reserved", network.name),
                  fmt::format("choose another address in {}", subnet->text()));
    return false;
}

bool InterfaceReader::check_unused(const std::string& network, const Text& text,
                                   const Address& address) {
    const auto [owner, is_new] = address_owners_.try_emplace({network, address}, node_name_);
    if (!is_new)
        problems_.add(text.where,
                      fmt::format("address {} stands a second time: '{}' has it already",
                                  address.text(), owner->second),
                      "give each interface an address of its own");
    return is_new;
}

std::optional<std::string> InterfaceReader::read_link_address(const Node& node, const Text& text) {
    node_name_ = node.name;
    const auto whole = Subnet::parse(text.text);
    const auto plain = whole ? whole->address : Address::parse(text.text);
    if (!plain) {
        problems_.add(text.where, fmt::format("'{}' is not an address", text.text),
                      "write one such as 192.168.4.1/24 or fd00::1/64");
        return std::nullopt;
    }
    const Network* network = network_of(reading_.scenario, node, *plain);
    if (network == nullptr && !whole) {
        problems_.add(text.where,
                      fmt::format("{} is in no network of '{}', so its prefix length is not known",
                                  plain->text(), node.name),
                      fmt::format("write it, as in {}/{}", plain->text(), plain->ipv6() ? 64 : 24));
        return std::nullopt;
    }
    if (network != nullptr && !check_unused(network->name, text, *plain))
        return std::nullopt;
    return Subnet{*plain, whole ? whole->prefix : subnet_of(*network, *plain)->prefix}.text();
}

std::optional<std::string> InterfaceReader::read_mac(const std::string& node_name,
                                                     const Text& text) {
    const auto mac = parse_mac(text.text);
    if (!mac) {
        problems_.add(text.where,
                      fmt::format("'{}' is not the MAC address of a station", text.text),
                      "write six octets, the first of them even, such as 02:00:00:00:00:01");
        return std::nullopt;
    }
    const auto [owner, is_new] = mac_owners_.try_emplace(*mac, node_name);
    if (!is_new)
        problems_.add(text.where,
                      fmt::format("MAC address {} stands a second time: '{}' has it already", *mac,
                                  owner->second),
                      "give each interface its own, or leave `mac` out");
    return mac;
}

bool InterfaceReader::check_device_name(const Text& name) {
    if (name.text.size() > longest_interface_name) {
        problems_.add(
            name.where,
            fmt::format("interface name '{}' is {} bytes long", name.text, name.text.size()),
            fmt::format("the kernel takes at most {}", longest_interface_name));
        return false;
    }
    // "lo" is there already; "all" and "default" are not interfaces but sysctl's words for them.
    if (name.text == "lo" || name.text == "all" || name.text == "default") {
        problems_.add(name.where, fmt::format("interface name '{}' is taken", name.text),
                      "choose another, such as eth0");
        return false;
    }
    return check_name(reading_, name, {"an interface", true, longest_interface_name});
}

} // namespace nflab::scenario

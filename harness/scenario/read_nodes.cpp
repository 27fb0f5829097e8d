// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/interface_reader.hpp"
#include "harness/scenario/read_trace.hpp"
#include "harness/scenario/reading.hpp"
#include "harness/scenario/suggest.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace nflab::scenario {

namespace {

void read_subnet(Reading& reading, Network& network, const Text& text) {
    const auto subnet = Subnet::parse(text.text);
    if (!subnet) {
        reading.problems.add(text.where, fmt::format("'{}' is not a network", text.text),
                             "write its address and prefix length, such as 192.168.4.0/24");
        return;
    }
    const Subnet proper{subnet->first(), subnet->prefix};
    if (!(subnet->address == proper.address)) {
        reading.problems.add(text.where,
                             fmt::format("{} is an address inside of a network", text.text),
                             fmt::format("the network is {}", proper.text()));
        return;
    }
    network.subnets.push_back(proper.text());
}

class NodeReader {
  public:
    explicit NodeReader(Reading& reading)
        : reading_(reading), problems_(reading.problems), interfaces_(reading) {}

    Node read(const Entry& entry) {
        const Fields fields(entry.value, node_object, problems_);
        Node node;
        node.name = entry.key;
        node.where = entry.where;
        check_name(reading_, {entry.key, entry.where}, {"a node"});
        node.kind = fields.text("kind") == "vm" ? NodeKind::vm : NodeKind::netns;
        node.interfaces = interfaces_.read(fields, node.name);
        read_gateways(fields, node);
        read_routes(fields, node);
        read_sysctls(fields, node);
        read_machine(fields, node);
        return node;
    }

  private:
    void read_gateways(const Fields& fields, Node& node) {
        bool seen[2] = {false, false};
        for (const auto& text : fields.texts("gateway")) {
            const auto gateway = read_next_hop(node, text, "gateway");
            if (!gateway)
                continue;
            if (seen[gateway->ipv6() ? 1 : 0]) {
                problems_.add(
                    text.where,
                    fmt::format("a second {} gateway", gateway->ipv6() ? "IPv6" : "IPv4"),
                    "a node has one default route for each family: use `routes` for others");
                continue;
            }
            seen[gateway->ipv6() ? 1 : 0] = true;
            node.gateways.push_back(gateway->text());
        }
    }

    void read_routes(const Fields& fields, Node& node) {
        for (const auto& entry : fields.entries("routes")) {
            const auto destination = Subnet::parse(entry.key);
            if (!destination || !(destination->first() == destination->address)) {
                problems_.add(
                    entry.where, fmt::format("'{}' is not a destination network", entry.key),
                    destination ? fmt::format("the network is {}/{}", destination->first().text(),
                                              destination->prefix)
                                : "write one such as 10.0.0.0/8; for the default route "
                                  "there is `gateway`");
                continue;
            }
            if (entry.value.kind != Value::Kind::scalar)
                continue;
            const auto via = read_next_hop(node, {entry.value.text, entry.value.where}, "next hop");
            if (via && via->ipv6() != destination->address.ipv6())
                problems_.add(
                    entry.value.where,
                    fmt::format("next hop {} is of another family than {}", via->text(), entry.key),
                    "IPv4 networks have IPv4 next hops, and IPv6 networks IPv6 ones");
            else if (via)
                node.routes[destination->text()] = via->text();
        }
    }

    /// An address that the node can reach without a router.
    std::optional<Address> read_next_hop(const Node& node, const Text& text, const char* what) {
        const auto address = Address::parse(text.text);
        if (!address) {
            problems_.add(text.where, fmt::format("{} '{}' is not an address", what, text.text),
                          "write an address without a prefix length");
            return std::nullopt;
        }
        const auto own = addresses_of(node);
        if (std::find(own.begin(), own.end(), *address) != own.end()) {
            problems_.add(
                text.where,
                fmt::format("{} {} is an address of '{}' itself", what, address->text(), node.name),
                "write the address of the router next to it");
            return std::nullopt;
        }
        if (!on_link(node, *address)) {
            problems_.add(text.where,
                          fmt::format("'{}' cannot reach {} {} on any of its networks", node.name,
                                      what, address->text()),
                          "write an address inside of a network that it is plugged into");
            return std::nullopt;
        }
        return address;
    }

    bool on_link(const Node& node, const Address& address) const {
        return std::any_of(
            node.interfaces.begin(), node.interfaces.end(), [&](const Interface& interface) {
                const Network* network = reading_.scenario.find_network(interface.network);
                // A network with a mistake of its own says nothing about addresses.
                return network == nullptr || network->subnets.empty() ||
                       std::any_of(network->subnets.begin(), network->subnets.end(),
                                   [&](const std::string& subnet) {
                                       return Subnet::parse(subnet)->contains(address);
                                   });
            });
    }

    void read_sysctls(const Fields& fields, Node& node) {
        for (const auto& entry : fields.entries("sysctl")) {
            const std::string& name = entry.key;
            const bool good =
                name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "0123456789_-./") == std::string::npos &&
                name.find("..") == std::string::npos && name.find_first_of("./") != 0 &&
                name.find_first_of("./") != std::string::npos;
            if (!good)
                problems_.add(entry.where, fmt::format("'{}' is not the name of a sysctl", name),
                              "write it as sysctl(8) does, such as net.ipv4.ip_forward");
            else if (node.kind == NodeKind::netns && name.rfind("net.", 0) != 0)
                problems_.add(
                    entry.where,
                    fmt::format("'{}' on the netns node '{}' would change this machine", name,
                                node.name),
                    "a netns node has only net.* for itself; make it `kind: vm` for others");
            else if (entry.value.kind == Value::Kind::scalar)
                node.sysctls[name] = entry.value.text;
        }
    }

    void read_machine(const Fields& fields, Node& node) {
        read_trace(fields.get("trace"), node, problems_);
        node.cpus = fields.integer("cpus").value_or(node.cpus);
        node.memory_mib = fields.integer("memory").value_or(node.memory_mib);
        if (node.kind == NodeKind::vm || fields.get("kind") == nullptr)
            return;
        for (const auto* key : {"cpus", "memory"}) {
            if (fields.has(key))
                problems_.add(
                    fields.where(key),
                    fmt::format("'{}' means nothing on the netns node '{}'", key, node.name),
                    "leave it out, or make the node `kind: vm`");
        }
        if (node.trace != Trace::none)
            problems_.add(fields.where("trace"),
                          fmt::format("the netns node '{}' cannot be traced", node.name),
                          "only the kernels of vm nodes are under test: make it `kind: vm`");
    }

    Reading& reading_;
    Problems& problems_;
    InterfaceReader interfaces_;
};

} // namespace

void read_networks(Reading& reading, const Fields& file) {
    for (const auto& entry : file.entries("networks")) {
        Network network;
        network.name = entry.key;
        network.where = entry.where;
        check_name(reading, {entry.key, entry.where}, {"a network"});
        for (const auto& text : texts_of(entry.value))
            read_subnet(reading, network, text);
        reading.scenario.networks.push_back(std::move(network));
    }
}

void read_nodes(Reading& reading, const Fields& file) {
    NodeReader reader(reading);
    for (const auto& entry : file.entries("nodes"))
        reading.scenario.nodes.push_back(reader.read(entry));
}

} // namespace nflab::scenario

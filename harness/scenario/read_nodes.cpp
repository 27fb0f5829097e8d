// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/interface_reader.hpp"
#include "harness/scenario/link_reader.hpp"
#include "harness/scenario/read_conntrack.hpp"
#include "harness/scenario/read_trace.hpp"
#include "harness/scenario/reading.hpp"
#include "harness/scenario/route_reader.hpp"

#include <fmt/format.h>

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
        read_modules(fields, node);
        node.interfaces = interfaces_.read(fields, node.name);
        read_namespaces(fields, node);
        LinkReader(reading_, interfaces_, node, node.namespaces).read(fields);
        finish_namespaces(fields, node);
        RouteReader(reading_, node).read(fields);
        read_tc(fields, node);
        read_sysctls(fields, node, node.kind == NodeKind::vm);
        read_conntrack(fields.get("conntrack"), node, problems_);
        read_machine(fields, node);
        return node;
    }

  private:
    void read_modules(const Fields& fields, Node& node) {
        for (const auto& text : fields.texts("modules")) {
            if (check_name(reading_, text, {"a module", false, 64}))
                node.modules.push_back(text.text);
        }
    }

    /// Their names and interfaces; the rest comes after the node's links, whose ends may be there.
    void read_namespaces(const Fields& fields, Node& node) {
        for (const auto& entry : fields.entries("netns")) {
            const Fields inner_fields(entry.value, namespace_object, problems_);
            Node inner;
            inner.name = node.name + '/' + entry.key;
            inner.kind = node.kind;
            inner.where = entry.where;
            check_name(reading_, {entry.key, entry.where}, {"a namespace"});
            inner.interfaces = interfaces_.read(inner_fields, inner.name);
            node.namespaces.push_back(std::move(inner));
        }
    }

    void finish_namespaces(const Fields& fields, Node& node) {
        Problems told(problems_.file()); // by read_namespaces()
        std::vector<Node> none;
        for (std::size_t i = 0; i < node.namespaces.size(); ++i) {
            Node& inner = node.namespaces[i];
            const Fields inner_fields(fields.entries("netns")[i].value, namespace_object, told);
            LinkReader(reading_, interfaces_, inner, none).read(inner_fields);
            RouteReader(reading_, inner).read(inner_fields);
            read_tc(inner_fields, inner);
            read_sysctls(inner_fields, inner, false);
        }
    }

    static void read_tc(const Fields& fields, Node& node) {
        for (const auto& text : fields.texts("tc"))
            node.tc.push_back(text.text);
    }

    /// `machine`: the kernel is its own, so that more than net.* can be set.
    void read_sysctls(const Fields& fields, Node& node, bool machine) {
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
            else if (node.kind == NodeKind::vm && !machine && name.rfind("net.", 0) != 0)
                problems_.add(
                    entry.where,
                    fmt::format("'{}' is no setting of the namespace '{}'", name, node.name),
                    "a namespace has only net.* for itself; write it at the node");
            else if (!machine && name.rfind("net.", 0) != 0)
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
        for (const auto* key : {"cpus", "memory", "modules", "conntrack"}) {
            if (fields.has(key))
                problems_.add(
                    fields.where(key),
                    fmt::format("'{}' means nothing on the netns node '{}'", key, node.name),
                    "leave it out, or make the node `kind: vm`");
        }
        check_queues(fields);
        if (node.trace != Trace::none)
            problems_.add(fields.where("trace"),
                          fmt::format("the netns node '{}' cannot be traced", node.name),
                          "only the kernels of vm nodes are under test: make it `kind: vm`");
    }

    void check_queues(const Fields& fields) {
        for (const auto& entry : fields.entries("interfaces")) {
            if (const Value* queues = entry.value.find("queues"))
                problems_.add(queues->where, "'queues' means nothing on a netns node",
                              "leave it out, or make the node `kind: vm`");
        }
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

// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/lab/configuration.hpp"

#include "harness/lab/warm_shape.hpp"

#include <openssl/evp.h>
#include <sys/random.h>

#include <array>

namespace nflab::lab {

namespace {

// The part that a node has in common with a namespace inside of it.
// `first` counts the devices of the machine that come before its own; `warm`: it was kept.
channel::Configuration network_of(const plan::Node& node, bool warm, std::size_t first) {
    channel::Configuration configuration;
    configuration.hostname = node.name;
    for (std::size_t i = 0; i < node.nics.size(); ++i) {
        const plan::Nic& nic = node.nics[i];
        configuration.nics.push_back({nic.mac, nic.name, nic.addresses, nic.mtu, {}});
        if (warm) {
            configuration.nics.back().mac = warm_mac(first + i);
            configuration.nics.back().set_mac = nic.mac;
        }
    }
    for (const plan::Program& program : node.links)
        configuration.links.push_back({program.argv, program.input});
    for (const plan::Route& route : node.routes)
        configuration.routes.emplace_back(route.destination, route.via);
    for (const plan::Program& program : node.routing)
        configuration.routing.push_back({program.argv, program.input});
    configuration.awaited = node.awaited;
    configuration.sysctls = node.sysctls;
    return configuration;
}

using Hosts = std::vector<std::pair<std::string, std::string>>;

void add_hosts(const plan::Node& node, const std::string& name, Hosts& hosts) {
    const auto add = [&](const std::vector<std::string>& addresses) {
        for (const std::string& address : addresses)
            hosts.emplace_back(address.substr(0, address.find('/')), name);
    };
    for (const plan::Nic& nic : node.nics)
        add(nic.addresses);
    add(node.link_addresses);
}

} // namespace

channel::Configuration configuration_of(const plan::Plan& plan, const plan::Node& node) {
    channel::Configuration configuration = network_of(node, node.warm.has_value(), 0);
    std::size_t devices = node.nics.size();
    configuration.modules = node.modules;
    for (const plan::Node& inner : node.namespaces) {
        configuration.namespaces.push_back(network_of(inner, node.warm.has_value(), devices));
        devices += inner.nics.size();
        configuration.namespaces.back().hostname = inner.name.substr(node.name.size() + 1);
    }
    for (const plan::Node& each : plan.nodes) {
        add_hosts(each, each.name, configuration.hosts);
        for (const plan::Node& inner : each.namespaces)
            add_hosts(inner, inner.name.substr(each.name.size() + 1) + '.' + each.name,
                      configuration.hosts);
    }
    return configuration;
}

std::string fresh_entropy() {
    std::array<unsigned char, 64> bytes{};
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
        return {};
    std::array<unsigned char, 4 * ((64 + 2) / 3) + 1> text{};
    const int size = ::EVP_EncodeBlock(text.data(), bytes.data(), bytes.size());
    return {reinterpret_cast<const char*>(text.data()), static_cast<std::size_t>(size)};
}

} // namespace nflab::lab

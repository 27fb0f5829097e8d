// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/lab/configuration.hpp"

#include "harness/lab/warm_shape.hpp"

#include <openssl/evp.h>
#include <sys/random.h>

#include <array>

namespace nflab::lab {

channel::Configuration configuration_of(const plan::Plan& plan, const plan::Node& node) {
    channel::Configuration configuration;
    configuration.hostname = node.name;
    for (std::size_t i = 0; i < node.nics.size(); ++i) {
        const plan::Nic& nic = node.nics[i];
        configuration.nics.push_back({nic.mac, nic.name, nic.addresses, nic.mtu, {}});
        if (node.warm) {
            configuration.nics.back().mac = warm_mac(i);
            configuration.nics.back().set_mac = nic.mac;
        }
    }
    for (const plan::Route& route : node.routes)
        configuration.routes.emplace_back(route.destination, route.via);
    configuration.sysctls = node.sysctls;
    for (const plan::Node& each : plan.nodes)
        for (const plan::Nic& nic : each.nics)
            for (const std::string& address : nic.addresses)
                configuration.hosts.emplace_back(address.substr(0, address.find('/')), each.name);
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

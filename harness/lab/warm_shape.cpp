// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/lab/warm_shape.hpp"

#include "guest/channel/frame.hpp"
#include "harness/lab/domain_xml.hpp"

#include <fmt/format.h>

namespace nflab::lab {
namespace {

constexpr const char* keeping_network = "keep";

} // namespace

std::string warm_mac(std::size_t index) {
    // Locally administered, unicast (IEEE 802, 8.2), in the order of the devices.
    return fmt::format("02:6e:66:6b:{:02x}:{:02x}", (index >> 8U) & 0xffU, index & 0xffU);
}

plan::Plan keeping_plan(const plan::Plan& plan, const plan::Node& node,
                        const std::string& directory) {
    plan::Plan keeping = plan;
    keeping.networks = {{keeping_network, "br-keep"}};
    plan::Node guest = node;
    guest.name = "guest";
    guest.nics.clear();
    for (const plan::Nic* nic : plan::all_nics(node))
        guest.nics.push_back(*nic);
    guest.namespaces.clear();
    guest.modules.clear();
    guest.links.clear();
    guest.link_addresses.clear();
    guest.awaited.clear();
    guest.routes.clear();
    guest.routing.clear();
    guest.nameservers.clear();
    guest.sysctls.clear();
    for (std::size_t i = 0; i < guest.nics.size(); ++i) {
        plan::Nic& nic = guest.nics[i];
        nic.name = fmt::format("eth{}", i);
        nic.network = keeping_network;
        nic.mac = warm_mac(i);
        nic.addresses.clear();
        nic.learned.clear();
        nic.vlans = {};
        nic.mtu = plan::Nic().mtu;
    }
    guest.warm = plan::Warm{directory, true,
                            node.warm ? node.warm->programs : std::vector<plan::KeptProgram>()};
    keeping.nodes = {guest};
    return keeping;
}

std::string warm_shape(const plan::Plan& plan, const plan::Node& node) {
    const plan::Plan keeping = keeping_plan(plan, node, "");
    const plan::Node& guest = keeping.nodes.front();
    DomainFiles files{"qemu", "agent", "console", {}};
    for (std::size_t i = 0; i < guest.nics.size(); ++i)
        files.ports.push_back(fmt::format("port{}", i));
    std::string shape = fmt::format("channel {}\n", channel::protocol_version);
    shape += domain_xml(keeping, guest, files);
    for (const plan::KeptProgram& program : guest.warm->programs)
        shape += fmt::format("{}\n{}\n", program.request, program.ready);
    return shape;
}

} // namespace nflab::lab

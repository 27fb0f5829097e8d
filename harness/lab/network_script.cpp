// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/lab/network_script.hpp"

#include "harness/plan/node_scripts.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace nflab::lab {
namespace {

using scenario::NodeKind;

const std::string& bridge_of(const plan::Plan& plan, const std::string& network) {
    return std::find_if(plan.networks.begin(), plan.networks.end(),
                        [&](const plan::Network& each) { return each.name == network; })
        ->bridge;
}

} // namespace

std::string port_name(std::size_t node, std::size_t nic) {
    return fmt::format("n{}i{}", node, nic);
}

std::string network_script(const plan::Plan& plan, const std::map<std::string, pid_t>& node_pids) {
    std::string script = "link set lo up\n";
    for (const plan::Network& network : plan.networks)
        script += fmt::format("link add name {0} type bridge stp_state 0 forward_delay 0 "
                              "mcast_snooping 0{1}\n"
                              "link set {0} up\n",
                              network.bridge, network.vlan_aware ? " vlan_filtering 1" : "");
    for (std::size_t n = 0; n < plan.nodes.size(); ++n) {
        const plan::Node& node = plan.nodes[n];
        const auto nics = plan::all_nics(node);
        for (std::size_t i = 0; i < nics.size(); ++i) {
            const plan::Nic& nic = *nics[i];
            const std::string port = port_name(n, i);
            const bool inner = i >= node.nics.size();
            if (node.kind == NodeKind::vm)
                script += fmt::format("tuntap add dev {} mode tap vnet_hdr{}\n", port,
                                      nic.queues > 1 ? " multi_queue" : "");
            else
                script +=
                    fmt::format("link add name {} type veth peer name {} address {} "
                                "netns {}\n",
                                port, inner ? port : nic.name, nic.mac, node_pids.at(node.name));
            if (nic.mtu > 0 && nic.mtu != 1500)
                script += fmt::format("link set {} mtu {}\n", port, nic.mtu);
            script += fmt::format("link set {} master {} up\n", port, bridge_of(plan, nic.network));
        }
    }
    return script;
}

std::string vlan_script(const plan::Plan& plan) {
    std::string script;
    for (std::size_t n = 0; n < plan.nodes.size(); ++n) {
        const auto nics = plan::all_nics(plan.nodes[n]);
        for (std::size_t i = 0; i < nics.size(); ++i)
            script += plan::vlan_script(port_name(n, i), nics[i]->vlans, false);
    }
    return script;
}

} // namespace nflab::lab

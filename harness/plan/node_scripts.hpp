// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/topology.hpp"

#include <string>

/// What a node is told by iproute2's programs, one line per command, for their `-batch`. Pure.
namespace nflab::plan {

/// `ip`: the node's links, made in an order in which each finds what is below it, with their ports
/// and addresses. The node's interfaces are there and have their names.
std::string link_script(const scenario::Node& node);

/// `bridge`: VLANs of the ports of the node's bridges.
std::string bridge_script(const scenario::Node& node);

/// `ip`: IPv4 rules, neighbours, and routes that say more than a next hop.
std::string routing_script(const scenario::Node& node);

/// `ip -6`: rules of IPv6, whose family a batch cannot say line by line.
std::string ipv6_rule_script(const scenario::Node& node);

/// `bridge`: VLANs of one port, or of the bridge `device` itself.
std::string vlan_script(const std::string& device, const scenario::Vlans& vlans, bool of_bridge);

} // namespace nflab::plan

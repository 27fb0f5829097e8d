// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/plan/plan.hpp"

#include <sys/types.h>

#include <map>
#include <string>

/// The lab's L2 wiring as input of `ip -batch -`. Pure.
namespace nflab::lab {

/// Name of the host-side port of a node's interface: unique in the lab, at most 15 bytes.
/// Both count from 0, in the plan's order.
std::string port_name(std::size_t node, std::size_t nic);

/// Bridges (no spanning tree, no forward delay, no multicast snooping: a frame goes where it is
/// sent from the first moment), a tap with vnet_hdr for each interface of a vm, a veth pair for
/// each of a netns node, its other end moved into the namespace of `node_pids[name]` (process ids
/// as the caller's PID namespace counts them) with its final name and MAC; what goes on to a
/// namespace inside of the node keeps a name of its own until then.
std::string network_script(const plan::Plan& plan, const std::map<std::string, pid_t>& node_pids);

/// The VLANs of the ports, as input of `bridge -batch -`; empty: there are none.
std::string vlan_script(const plan::Plan& plan);

} // namespace nflab::lab

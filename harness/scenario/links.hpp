// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/position.hpp"

#include <optional>
#include <string>
#include <vector>

/// What is made inside of a node: virtual devices, routes.
namespace nflab::scenario {

/// The VLANs of a port of a bridge. Neither: what a bridge does without being asked.
struct Vlans {
    std::optional<int> untagged;     ///< frames come and go without a tag; 1 to 4094
    std::vector<std::string> tagged; ///< numbers and ranges: "10", "20-29"

    bool empty() const { return !untagged && tagged.empty(); }
};

/// A member of a bridge, bond or VRF.
struct Port {
    std::string name; ///< an interface or a link of the same namespace
    Vlans vlans;      ///< bridge only
};

/// A device that the kernel makes by software (ip-link(8)).
struct Link {
    std::string name;
    /// As `ip link add … type` has it; "peer" for the other end of a veth, which makes it.
    std::string kind;
    std::string lower; ///< vlan, macvlan, ipvlan, vxlan: the device below
    std::vector<Port> ports;
    Vlans vlans;                ///< bridge: of the bridge itself
    std::optional<int> id;      ///< vlan: 1 to 4094; vxlan: VNI
    std::optional<int> table;   ///< vrf
    std::string mode;           ///< bond, macvlan, ipvlan
    std::string peer;           ///< veth: name of the other end
    std::string peer_namespace; ///< veth: where that is; empty: here
    std::string local;          ///< tunnels: addresses
    std::string remote;
    std::optional<int> port;            ///< vxlan: UDP port
    std::string options;                ///< more words of ip-link(8), behind the kind
    std::vector<std::string> addresses; ///< with prefix length
    std::optional<std::string> mac;
    std::optional<int> mtu;
    Position where;
};

struct Route {
    std::string destination; ///< CIDR or "default"
    std::string via;         ///< next hop, when that is all there is to say; else:
    std::string type;        ///< blackhole, unreachable, …; empty: an ordinary one
    std::string words;       ///< as ip-route(8) has them, behind the destination
};

/// A neighbour that is known without being asked for.
struct Neighbour {
    std::string address;
    std::string mac;
    std::string device;
};

} // namespace nflab::scenario

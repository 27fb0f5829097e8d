// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/keys.hpp"

namespace nflab::scenario {

namespace {

constexpr std::string_view kinds[] = {"bridge", "bond", "vrf",    "vlan",  "macvlan", "ipvlan",
                                      "dummy",  "veth", "ifb",    "vxlan", "gre",     "gretap",
                                      "ipip",   "sit",  "ip6gre", "ip6tnl"};

constexpr long last_vlan = 4094; // linux/if_vlan.h: VLAN_N_VID - 2

constexpr Key port_keys[] = {
    {.name = "vlan",
     .shape = Shape::integer,
     .about = "The VLAN of its untagged frames.",
     .minimum = 1,
     .maximum = last_vlan},
    {.name = "trunk",
     .shape = Shape::texts,
     .about = "VLANs whose frames are tagged: numbers, and ranges such as 20-29."},
};

constexpr Key link_keys[] = {
    {.name = "kind",
     .shape = Shape::choice,
     .required = true,
     .about = "What ip-link(8) calls its type.",
     .choices = kinds},
    {.name = "ports",
     .shape = Shape::ports,
     .about = "Members of a bridge, bond or VRF; of a bridge also with their VLANs.",
     .object = &port_object},
    {.name = "vlan",
     .shape = Shape::integer,
     .about = "bridge: the untagged VLAN of the bridge itself.",
     .minimum = 1,
     .maximum = last_vlan},
    {.name = "trunk", .shape = Shape::texts, .about = "bridge: tagged VLANs of the bridge itself."},
    {.name = "link",
     .shape = Shape::text,
     .about = "vlan, macvlan, ipvlan, vxlan: the device below it."},
    {.name = "id",
     .shape = Shape::integer,
     .about = "vlan: its number; vxlan: its VNI.",
     .minimum = 1,
     .maximum = 16'777'215},
    {.name = "table",
     .shape = Shape::integer,
     .about = "vrf: its routing table.",
     .minimum = 1,
     .maximum = 2'147'483'647},
    {.name = "mode", .shape = Shape::text, .about = "bond, macvlan, ipvlan: as ip-link(8) has it."},
    {.name = "peer",
     .shape = Shape::text,
     .about = "veth: the other end, NAME or, in a namespace of the node, NAMESPACE/NAME."},
    {.name = "peer_address",
     .shape = Shape::texts,
     .about = "veth: addresses of the other end, with prefix length."},
    {.name = "local", .shape = Shape::text, .about = "Tunnels: the address here."},
    {.name = "remote", .shape = Shape::text, .about = "Tunnels: the address over there."},
    {.name = "port",
     .shape = Shape::integer,
     .about = "vxlan: its UDP port; 4789 without it.",
     .minimum = 1,
     .maximum = 65'535},
    {.name = "address",
     .shape = Shape::texts,
     .about = "Its addresses; the prefix length may be left out in a network of the node."},
    {.name = "mac", .shape = Shape::text, .about = "Its MAC address."},
    {.name = "mtu",
     .shape = Shape::integer,
     .about = "Its MTU in bytes.",
     .minimum = 68,
     .maximum = 65'521},
    {.name = "options",
     .shape = Shape::text,
     .about = "More words of `ip link add`, behind the type: `mcast_snooping 0`."},
};

} // namespace

const Object port_object = {"port", "a port", "The VLANs of a bridge's port.", port_keys};
const Object link_object = {"link", "a link", "A virtual device inside of the node.", link_keys};

} // namespace nflab::scenario

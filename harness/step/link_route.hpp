// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/lab/session.hpp"
#include "harness/packet/layer.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace nflab::step {

/// How a node would send to an address, down to the link layer.
struct LinkRoute {
    std::string interface;
    std::string source;   ///< address that its kernel would choose; may be empty
    std::string next_hop; ///< address whose MAC address the frames get; empty: nobody is asked
    packet::Bytes own_mac;
    packet::Bytes next_mac; ///< empty: nobody answers for the next hop
};

/// Asks the node's kernel: its routes, and its neighbours, which it asks for when it does not know
/// them. `interface` empty: that of the route. An IPv4 address whose last hop cannot be looked up
/// gives an empty next_mac. Throws Error(lab) when it has no route or `ip` fails.
LinkRoute find_link_route(lab::Session& session, const std::string& node,
                          const std::string& destination, const std::string& interface);

/// What `ip -j route get` says; nothing when it is no such thing. Pure.
std::optional<LinkRoute> parse_route(std::string_view json, const std::string& destination);

/// The MAC address of IPv4 (RFC 1112) and IPv6 (RFC 2464) multicast; empty for other addresses.
packet::Bytes multicast_mac(const std::string& address);

} // namespace nflab::step

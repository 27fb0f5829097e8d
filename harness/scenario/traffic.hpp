// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/position.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

/// What a scenario sends.
namespace nflab::scenario {

enum class Protocol { icmp, tcp, udp };

/// `count` packets (ping, udp) or connections (tcp) from one node to another node or address.
struct Send {
    Protocol protocol = Protocol::icmp;
    std::string from;
    std::string to; ///< node name or literal address
    std::optional<std::uint16_t> port;
    std::optional<std::uint16_t> source_port;
    int count = 1;
    int size = 56; ///< payload bytes
    std::chrono::milliseconds interval{100};
    std::chrono::milliseconds timeout{1'000}; ///< for each reply
    /// Node that answers tcp and udp: as written, else the node that `to` names or whose address it
    /// is, else nobody.
    std::optional<std::string> listen;
    bool ipv6 =
        false; ///< use the node's IPv6 address; true for an IPv6 literal and when it has no other
    Position where;
};

} // namespace nflab::scenario

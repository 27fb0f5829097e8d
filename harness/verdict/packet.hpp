// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/verdict/record.hpp"

#include <string>

/// What a packet's headers say about it. Pure.
namespace nflab::verdict {

bool is_icmp(const Packet& packet); ///< ICMP or ICMPv6
bool is_echo(const Packet& packet); ///< request or reply
bool is_echo_reply(const Packet& packet);

/// True for neighbour discovery, router solicitation and multicast listener reports, which every
/// IPv6 node sends unasked.
bool is_neighbour_noise(const Packet& packet);

/// Whether the transport header could be read. Later fragments have none, and of a packet whose
/// data lies in pages it is not always at hand before the stack has pulled it.
bool knows_transport(const Packet& packet);

/// Whether two sightings may be of the same datagram: what neither forwarding nor address
/// translation changes is alike. Fragments are alike when they are the same piece.
bool same_headers(const Packet& a, const Packet& b);

/// Whether two sightings with the same headers are of the same packet whatever their addresses, as
/// no other packet has these numbers.
bool is_unmistakable(const Packet& a, const Packet& b);

/// Whether both are pieces of one datagram, or one of them is the whole of it.
bool same_datagram(const Packet& a, const Packet& b);

/// Whether one is a part of the other's TCP payload (GRO and GSO join and split segments).
bool overlaps(const Packet& a, const Packet& b);

/// "icmp echo 192.0.2.1 -> 198.51.100.2", "tcp 192.0.2.1:40000 -> 198.51.100.2:80 [S]", …
std::string describe(const Packet& packet);

} // namespace nflab::verdict

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/packet/layer.hpp"

#include <span>

namespace nflab::packet {

/// The bytes of these headers and what follows them. Lengths, protocol numbers, header lengths and
/// checksums are those of a sound packet but for the fields that a layer names. Without chunks of
/// its own ("chunks" among the bytes), SCTP carries an INIT.
/// Precondition: the layers stand one in the other as they can (the reader sees to it).
Bytes build(std::span<const Layer> layers, const Bytes& payload);

/// Cuts an IP packet into the pieces: IPv4's own fields, or a fragment header behind the fixed one
/// of IPv6 with this identification. Empty when it is no IP packet, or has fragments already in
/// IPv6.
std::vector<Bytes> fragment(const Bytes& ip, const std::vector<Piece>& pieces,
                            std::uint32_t identification);

/// As many pieces as it takes with `size` bytes each, a multiple of 8; for a packet of `total`
/// bytes behind its IP header.
std::vector<Piece> pieces_of(unsigned total, unsigned size);

/// Bytes of the IP header, IPv4's options included.
std::size_t ip_header_size(const Bytes& ip);

/// Where nothing else says it: 0x0800 in front of IPv4, and so on.
std::uint16_t ethertype_of(Header header);

} // namespace nflab::packet

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/verdict/record.hpp"

#include <cstdint>
#include <span>
#include <string>

/// Packet headers from raw bytes. Pure.
namespace nflab::nfverdict {

/// Fills family, protocol, addresses, ports, ICMP, TCP and fragment fields, nftraffic's stamp and
/// what an ICMP error quotes from the bytes that begin at the network header; fields that the bytes
/// do not reach stay as they are. `family` is AF_INET or AF_INET6; anything else leaves the packet
/// untouched. `packet.length` is read where the header does not say how long the packet is.
void parse_packet(int family, std::span<const std::uint8_t> bytes, verdict::Packet& packet);

/// Whether the bytes of an IP packet that was parsed ended before its addresses, or before the
/// ports or the ICMP type that its protocol has.
bool ends_early(const verdict::Packet& packet);

/// The same for ARP over Ethernet: sender and target are source and destination.
void parse_arp(std::span<const std::uint8_t> bytes, verdict::Packet& packet);

/// "02:00:00:00:00:01" of 6 bytes.
std::string mac_text(const std::uint8_t* bytes);

/// Textual form of 4 or 16 bytes in network order.
std::string address_text(int family, const std::uint8_t* bytes);

} // namespace nflab::nfverdict

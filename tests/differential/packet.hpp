// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Packets of the witness test, on both sides of the lab; pure, without any library, because the
/// static program in the nodes uses it, too.
namespace nflab::witness {

using Bytes = std::vector<std::uint8_t>;
using Address = std::array<std::uint8_t, 16>; ///< IPv4 in the first four bytes
using Mac = std::array<std::uint8_t, 6>;

inline constexpr std::uint8_t tcp_fin = 1, tcp_syn = 2, tcp_rst = 4, tcp_psh = 8, tcp_ack = 16;

/// One packet that can be told from all others of its batch: in IPv4 by its identification, which
/// is uid | step << 13; in IPv6 by its length. Its payload repeats both, for the capture.
struct Packet {
    int family = 4;            ///< 4 or 6
    std::uint8_t protocol = 6; ///< 6 TCP, 17 UDP, 1 ICMP or 58 ICMPv6: echo only
    Address source{};
    Address destination{};
    std::uint16_t source_port = 0;      ///< ICMP: identifier
    std::uint16_t destination_port = 0; ///< ICMP: sequence
    std::uint8_t tcp_flags = tcp_syn;
    std::uint32_t sequence = 0; ///< TCP
    std::uint32_t acknowledged = 0;
    bool reply = false;        ///< ICMP: an echo reply
    std::uint16_t uid = 0;     ///< 1 … 8191
    std::uint8_t step = 0;     ///< 0 … 7: how many answers came before it
    std::uint8_t hops = 0;     ///< how many answers may still follow
    std::uint16_t padding = 0; ///< bytes of payload behind the eight that name the packet
    std::uint8_t ttl = 64;

    bool operator==(const Packet&) const = default;
};

/// The IP packet, checksums included.
Bytes build(const Packet& packet);

/// Bytes of the whole IP packet.
std::uint16_t length_of(const Packet& packet);

/// Reads what build() made; empty for fragments and for everything else.
std::optional<Packet> parse(const std::uint8_t* data, std::size_t size);

/// What a payload says about the packet that it was sent in.
struct Tag {
    std::uint16_t uid = 0;
    std::uint8_t step = 0;
    std::uint8_t hops = 0;
};

/// Behind `header` bytes of an IP packet's headers and those of its transport protocol; empty when
/// there is none.
std::optional<Tag> read_tag(const Bytes& ip, std::size_t header, std::uint8_t protocol);

/// What the other end answers; empty when no answer may follow or none makes sense.
std::optional<Packet> answer(const Packet& packet);

/// Cuts an IP packet into fragments with `chunk` bytes of payload each (a multiple of 8).
/// `identification` is IPv6's; IPv4 keeps the packet's own.
std::vector<Bytes> fragment(const Bytes& ip, std::uint16_t chunk, std::uint32_t identification);

/// Of "52:54:00:12:34:56"; zeros when it is none.
Mac mac_address(const std::string& text);

/// `ip` may be ARP, too.
Bytes frame(const Mac& destination, const Mac& source, const Bytes& ip);

/// A request (RFC 826) for the hardware address of `target`, both IPv4.
Bytes arp_request(const Mac& sender_mac, const Address& sender, const Address& target);

std::string to_hex(const std::uint8_t* data, std::size_t size);
/// Empty when it is not hexadecimal.
Bytes from_hex(const std::string& text);

Address address(const std::string& text); ///< numeric, IPv4 or IPv6; zeros when it is neither
std::string text(const Address& address, int family);

} // namespace nflab::witness

// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/packet/packet.hpp"

#include "guest/nfverdict/kernel/kernel_api.hpp"
#include "guest/traffic/payload.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <linux/if_ether.h>
#include <net/if_arp.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace nflab::nfverdict {
namespace {

using Bytes = std::span<const std::uint8_t>;

std::uint16_t big16(Bytes bytes, std::size_t at) {
    return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

std::uint32_t big32(Bytes bytes, std::size_t at) {
    return static_cast<std::uint32_t>(big16(bytes, at)) << 16 | big16(bytes, at + 2);
}

bool is_echo(int protocol, int type) {
    if (protocol == IPPROTO_ICMP)
        return type == 0 || type == 8;
    return type == 128 || type == 129;
}

// Unreachable, source quench, redirect, time exceeded, bad parameter; too big in ICMPv6.
bool is_error(int protocol, int type) {
    if (protocol == IPPROTO_ICMP)
        return (type >= 3 && type <= 5) || type == 11 || type == 12;
    return type >= 1 && type <= 4;
}

// Of the packet that an ICMP error answers; its header may be cut short behind the ports.
void parse_quoted(int family, Bytes bytes, verdict::Packet& error) {
    verdict::Packet inner;
    parse_packet(family, bytes, inner);
    if (inner.source.empty())
        return;
    error.quoted = {inner.protocol,         inner.source,  inner.destination,   inner.source_port,
                    inner.destination_port, inner.icmp_id, inner.icmp_sequence, inner.ip_id};
}

// guest/traffic/payload.hpp says what it looks like.
void parse_stamp(Bytes payload, verdict::Packet& packet) {
    if (const auto mark =
            traffic::parse_mark({reinterpret_cast<const char*>(payload.data()), payload.size()}))
        packet.stamp = verdict::Stamp{mark->run, mark->number};
}

// `bytes` may end before the datagram does; `size` says how long it is from here on.
void parse_tcp(Bytes bytes, std::size_t size, verdict::Packet& packet) {
    if (bytes.size() < 14)
        return;
    packet.tcp_sequence = big32(bytes, 4);
    packet.tcp_acknowledgement = big32(bytes, 8);
    packet.tcp_flags = bytes[13];
    const std::size_t header = static_cast<std::size_t>(bytes[12] >> 4) * 4;
    if (header < 20 || header > size)
        return;
    packet.payload = static_cast<std::uint32_t>(size - header);
    if (header <= bytes.size())
        parse_stamp(bytes.subspan(header), packet);
}

void parse_icmp(Bytes bytes, verdict::Packet& packet) {
    if (bytes.size() < 2)
        return;
    packet.icmp_type = bytes[0];
    packet.icmp_code = bytes[1];
    if (bytes.size() < 8)
        return;
    if (is_echo(packet.protocol, packet.icmp_type)) {
        packet.icmp_id = big16(bytes, 4);
        packet.icmp_sequence = big16(bytes, 6);
        parse_stamp(bytes.subspan(8), packet);
    } else if (is_error(packet.protocol, packet.icmp_type)) {
        parse_quoted(packet.family, bytes.subspan(8), packet);
    }
}

void parse_transport(Bytes bytes, std::size_t size, verdict::Packet& packet) {
    constexpr std::size_t udp_header = 8;
    switch (packet.protocol) {
    case IPPROTO_TCP:
    case IPPROTO_UDP:
    case IPPROTO_UDPLITE:
    case IPPROTO_SCTP:
    case IPPROTO_DCCP:
        if (bytes.size() >= 4) {
            packet.source_port = big16(bytes, 0);
            packet.destination_port = big16(bytes, 2);
        }
        if (packet.protocol == IPPROTO_TCP)
            parse_tcp(bytes, size, packet);
        if (packet.protocol == IPPROTO_UDP && bytes.size() >= udp_header && size >= udp_header) {
            packet.payload = static_cast<std::uint32_t>(size - udp_header);
            parse_stamp(bytes.subspan(udp_header), packet);
        }
        return;
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
        parse_icmp(bytes, packet);
        return;
    default:
        return;
    }
}

// What follows the header: as long as it says, or, where a packet is too big for that, as the
// sk_buff is.
std::size_t rest_length(std::size_t named, std::size_t header, Bytes bytes,
                        const verdict::Packet& packet) {
    if (named > header)
        return named - header;
    return std::max<std::size_t>(packet.length, bytes.size()) - header;
}

void parse_ipv4(Bytes bytes, verdict::Packet& packet) {
    if (bytes.size() < 20 || bytes[0] >> 4 != 4)
        return;
    packet.protocol = bytes[9];
    packet.ttl = bytes[8];
    packet.ip_id = big16(bytes, 4);
    packet.source = address_text(AF_INET, &bytes[12]);
    packet.destination = address_text(AF_INET, &bytes[16]);
    const std::size_t header = static_cast<std::size_t>(bytes[0] & 0x0f) * 4;
    const std::uint16_t fragment = big16(bytes, 6);
    packet.more_fragments = (fragment & 0x2000) != 0;
    packet.fragment_offset = static_cast<std::uint16_t>((fragment & 0x1fff) * 8);
    if (header >= 20 && header <= bytes.size() && packet.fragment_offset == 0)
        parse_transport(bytes.subspan(header), rest_length(big16(bytes, 2), header, bytes, packet),
                        packet);
}

bool is_extension(int protocol) {
    return protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_ROUTING ||
           protocol == IPPROTO_DSTOPTS || protocol == IPPROTO_FRAGMENT || protocol == IPPROTO_AH;
}

void parse_ipv6(Bytes bytes, verdict::Packet& packet) {
    if (bytes.size() < 40 || bytes[0] >> 4 != 6)
        return;
    packet.protocol = bytes[6];
    packet.ttl = bytes[7];
    packet.source = address_text(AF_INET6, &bytes[8]);
    packet.destination = address_text(AF_INET6, &bytes[24]);
    std::size_t left = rest_length(40U + big16(bytes, 4), 40, bytes, packet);
    bytes = bytes.subspan(40);
    while (is_extension(packet.protocol)) {
        if (bytes.size() < 8)
            return;
        const int kind = packet.protocol;
        std::size_t size = (static_cast<std::size_t>(bytes[1]) + 1) * 8;
        if (kind == IPPROTO_FRAGMENT)
            size = 8;
        else if (kind == IPPROTO_AH)
            size = (static_cast<std::size_t>(bytes[1]) + 2) * 4;
        packet.protocol = bytes[0];
        if (kind == IPPROTO_FRAGMENT) {
            packet.ip_id = big32(bytes, 4);
            packet.more_fragments = (bytes[3] & 1) != 0;
            packet.fragment_offset = static_cast<std::uint16_t>(big16(bytes, 2) & 0xfff8);
            if (packet.fragment_offset != 0)
                return;
        }
        if (size > bytes.size() || size > left)
            return;
        bytes = bytes.subspan(size);
        left -= size;
    }
    parse_transport(bytes, left, packet);
}

} // namespace

namespace {

// glibc's inet_ntop makes use of sprintf, and every record has two or more addresses.
std::string ipv4_text(const std::uint8_t* bytes) {
    std::array<char, INET_ADDRSTRLEN> text{};
    char* end = text.data();
    for (int i = 0; i < 4; ++i) {
        if (i != 0)
            *end++ = '.';
        end = std::to_chars(end, text.data() + text.size(), bytes[i]).ptr;
    }
    return {text.data(), end};
}

} // namespace

std::string address_text(int family, const std::uint8_t* bytes) {
    if (family == AF_INET)
        return ipv4_text(bytes);
    std::array<char, INET6_ADDRSTRLEN> text{};
    return ::inet_ntop(family, bytes, text.data(), text.size()) ? text.data() : "";
}

std::string mac_text(const std::uint8_t* bytes) {
    return fmt::format("{:02x}", fmt::join(bytes, bytes + ETH_ALEN, ":"));
}

void parse_arp(Bytes bytes, verdict::Packet& packet) {
    // struct arphdr, then the addresses of sender and target: RFC 826.
    constexpr std::size_t size = 28;
    if (bytes.size() < size || big16(bytes, 0) != ARPHRD_ETHER || big16(bytes, 2) != ETH_P_IP ||
        bytes[4] != ETH_ALEN || bytes[5] != 4)
        return;
    packet.arp_operation = big16(bytes, 6);
    packet.source_mac = mac_text(&bytes[8]);
    packet.source = address_text(AF_INET, &bytes[14]);
    packet.destination_mac = mac_text(&bytes[18]);
    packet.destination = address_text(AF_INET, &bytes[24]);
}

bool ends_early(const verdict::Packet& packet) {
    if (packet.family == 0 || packet.fragment_offset != 0)
        return false;
    switch (packet.protocol) {
    case IPPROTO_TCP:
    case IPPROTO_UDP:
    case IPPROTO_UDPLITE:
    case IPPROTO_SCTP:
    case IPPROTO_DCCP:
        return packet.source_port == 0 && packet.destination_port == 0;
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
        return packet.icmp_type < 0;
    default:
        return packet.source.empty() || is_extension(packet.protocol);
    }
}

void parse_packet(int family, Bytes bytes, verdict::Packet& packet) {
    if (family != AF_INET && family != AF_INET6)
        return;
    packet.family = family;
    if (family == AF_INET)
        parse_ipv4(bytes, packet);
    else
        parse_ipv6(bytes, packet);
}

} // namespace nflab::nfverdict

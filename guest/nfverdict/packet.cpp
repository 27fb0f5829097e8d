// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/packet.hpp"

#include "guest/nfverdict/kernel_api.hpp"

#include <arpa/inet.h>

#include <array>

namespace nflab::nfverdict {
namespace {

using Bytes = std::span<const std::uint8_t>;

std::uint16_t big16(Bytes bytes, std::size_t at) {
    return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

bool is_echo(int protocol, int type) {
    if (protocol == IPPROTO_ICMP)
        return type == 0 || type == 8;
    return type == 128 || type == 129;
}

void parse_transport(Bytes bytes, verdict::Packet& packet) {
    switch (packet.protocol) {
    case IPPROTO_TCP:
        if (bytes.size() >= 14)
            packet.tcp_flags = bytes[13];
        [[fallthrough]];
    case IPPROTO_UDP:
    case IPPROTO_UDPLITE:
    case IPPROTO_SCTP:
    case IPPROTO_DCCP:
        if (bytes.size() >= 4) {
            packet.source_port = big16(bytes, 0);
            packet.destination_port = big16(bytes, 2);
        }
        return;
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
        if (bytes.size() < 2)
            return;
        packet.icmp_type = bytes[0];
        packet.icmp_code = bytes[1];
        if (is_echo(packet.protocol, packet.icmp_type) && bytes.size() >= 8) {
            packet.icmp_id = big16(bytes, 4);
            packet.icmp_sequence = big16(bytes, 6);
        }
        return;
    default:
        return;
    }
}

void parse_ipv4(Bytes bytes, verdict::Packet& packet) {
    if (bytes.size() < 20 || bytes[0] >> 4 != 4)
        return;
    packet.protocol = bytes[9];
    packet.ip_id = big16(bytes, 4);
    packet.source = address_text(AF_INET, &bytes[12]);
    packet.destination = address_text(AF_INET, &bytes[16]);
    const std::size_t header = static_cast<std::size_t>(bytes[0] & 0x0f) * 4;
    const bool later_fragment = (big16(bytes, 6) & 0x1fff) != 0;
    if (header >= 20 && header <= bytes.size() && !later_fragment)
        parse_transport(bytes.subspan(header), packet);
}

bool is_extension(int protocol) {
    return protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_ROUTING ||
           protocol == IPPROTO_DSTOPTS || protocol == IPPROTO_FRAGMENT || protocol == IPPROTO_AH;
}

void parse_ipv6(Bytes bytes, verdict::Packet& packet) {
    if (bytes.size() < 40 || bytes[0] >> 4 != 6)
        return;
    packet.protocol = bytes[6];
    packet.source = address_text(AF_INET6, &bytes[8]);
    packet.destination = address_text(AF_INET6, &bytes[24]);
    bytes = bytes.subspan(40);
    while (is_extension(packet.protocol)) {
        if (bytes.size() < 8)
            return;
        const int kind = packet.protocol;
        if (kind == IPPROTO_FRAGMENT && (big16(bytes, 2) & 0xfff8) != 0)
            return;
        std::size_t size = (static_cast<std::size_t>(bytes[1]) + 1) * 8;
        if (kind == IPPROTO_FRAGMENT)
            size = 8;
        else if (kind == IPPROTO_AH)
            size = (static_cast<std::size_t>(bytes[1]) + 2) * 4;
        packet.protocol = bytes[0];
        if (size > bytes.size())
            return;
        bytes = bytes.subspan(size);
    }
    parse_transport(bytes, packet);
}

} // namespace

std::string address_text(int family, const std::uint8_t* bytes) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    return ::inet_ntop(family, bytes, text.data(), text.size()) ? text.data() : "";
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

// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/verdict/packet.hpp"

#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <utility>

namespace nflab::verdict {
namespace {

constexpr int echo_request = 8;
constexpr int echo_reply = 0;
constexpr int echo_request6 = 128;
constexpr int echo_reply6 = 129;

// Only these set a segment apart from others that hold the same bytes.
constexpr int syn_fin_rst = 0x07;

std::string protocol_name(const Packet& packet) {
    constexpr std::uint16_t arp = 0x0806; // ETH_P_ARP of include/uapi/linux/if_ether.h
    if (packet.ethertype == arp)
        return packet.arp_operation == 1   ? "arp request"
               : packet.arp_operation == 2 ? "arp reply"
                                           : "arp";
    switch (packet.protocol) {
    case IPPROTO_ICMP:
        return "icmp";
    case IPPROTO_ICMPV6:
        return "icmpv6";
    case IPPROTO_TCP:
        return "tcp";
    case IPPROTO_UDP:
        return "udp";
    case IPPROTO_SCTP:
        return "sctp";
    case IPPROTO_IGMP:
        return "igmp";
    default:
        return fmt::format("protocol {}", packet.protocol);
    }
}

// type and code of the errors that routers and rejecting rules send: RFC 792, RFC 4443.
const char* error_name(const Packet& packet) {
    if (packet.protocol == IPPROTO_ICMP) {
        if (packet.icmp_type == 11)
            return "time exceeded";
        if (packet.icmp_type == 3)
            return packet.icmp_code == 4 ? "fragmentation needed" : "unreachable";
        return packet.icmp_type == 5 ? "redirect" : nullptr;
    }
    if (packet.icmp_type == 1)
        return "unreachable";
    if (packet.icmp_type == 2)
        return "packet too big";
    return packet.icmp_type == 3 ? "time exceeded" : nullptr;
}

std::string tcp_flags(const Packet& packet) {
    const std::pair<int, char> letters[] = {
        {0x02, 'S'}, {0x01, 'F'}, {0x04, 'R'}, {0x08, 'P'}, {0x10, '.'}};
    std::string text;
    for (const auto& [bit, letter] : letters)
        if (packet.tcp_flags & bit)
            text += letter;
    return text;
}

std::string suffix_of(const Packet& packet) {
    std::string text;
    if (packet.protocol == IPPROTO_TCP && packet.tcp_flags != 0) {
        text = fmt::format(" [{}]", tcp_flags(packet));
        if (packet.payload > 0)
            text += fmt::format(" {} bytes", packet.payload);
    } else if (packet.icmp_type >= 0 && !is_echo(packet)) {
        const char* name = error_name(packet);
        text = name ? fmt::format(" {} (code {})", name, packet.icmp_code)
                    : fmt::format(" type {} code {}", packet.icmp_type, packet.icmp_code);
    }
    if (packet.is_fragment())
        text += fmt::format(", fragment at {}", packet.fragment_offset);
    return text;
}

} // namespace

bool is_icmp(const Packet& packet) {
    return packet.protocol == IPPROTO_ICMP || packet.protocol == IPPROTO_ICMPV6;
}

bool is_echo(const Packet& packet) {
    const std::array<int, 4> types = {echo_request, echo_reply, echo_request6, echo_reply6};
    return is_icmp(packet) &&
           std::find(types.begin(), types.end(), packet.icmp_type) != types.end() &&
           // 0 is an echo reply in ICMP and nothing in ICMPv6, and so on
           (packet.protocol == IPPROTO_ICMP) == (packet.icmp_type <= echo_request);
}

bool is_echo_reply(const Packet& packet) {
    return is_echo(packet) && (packet.icmp_type == echo_reply || packet.icmp_type == echo_reply6);
}

bool is_neighbour_noise(const Packet& packet) {
    if (packet.protocol == IPPROTO_ICMPV6)
        return (packet.icmp_type >= 130 && packet.icmp_type <= 137) || packet.icmp_type == 143;
    return packet.protocol == IPPROTO_IGMP;
}

bool knows_transport(const Packet& packet) {
    switch (packet.protocol) {
    case IPPROTO_TCP:
    case IPPROTO_UDP:
    case IPPROTO_SCTP:
        return packet.source_port != 0 || packet.destination_port != 0;
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
        return packet.icmp_type >= 0;
    default:
        return true;
    }
}

bool same_headers(const Packet& a, const Packet& b) {
    if (a.family != b.family || a.protocol != b.protocol || a.ip_id != b.ip_id ||
        a.fragment_offset != b.fragment_offset || a.more_fragments != b.more_fragments)
        return false;
    if (!knows_transport(a) || !knows_transport(b))
        return a.length == b.length;
    return a.icmp_sequence == b.icmp_sequence && a.icmp_type == b.icmp_type &&
           a.tcp_flags == b.tcp_flags && a.tcp_sequence == b.tcp_sequence &&
           a.payload == b.payload &&
           // Not all of the payload may have been copied.
           (!a.stamp || !b.stamp || *a.stamp == *b.stamp);
}

bool is_unmistakable(const Packet& a, const Packet& b) {
    if (a.stamp && b.stamp)
        return *a.stamp == *b.stamp;
    return a.protocol == IPPROTO_TCP && b.protocol == IPPROTO_TCP && a.tcp_sequence != 0 &&
           a.tcp_sequence == b.tcp_sequence && a.tcp_acknowledgement == b.tcp_acknowledgement;
}

bool same_datagram(const Packet& a, const Packet& b) {
    return a.family == b.family && a.protocol == b.protocol && a.ip_id == b.ip_id &&
           (a.is_fragment() || b.is_fragment());
}

bool overlaps(const Packet& a, const Packet& b) {
    if (a.protocol != IPPROTO_TCP || b.protocol != IPPROTO_TCP || a.family != b.family ||
        a.payload == 0 || b.payload == 0 || a.payload == b.payload ||
        ((a.tcp_flags | b.tcp_flags) & syn_fin_rst & ~0x01) != 0)
        return false;
    // Differences modulo 2^32, as sequence numbers wrap around.
    const std::uint32_t b_after_a = b.tcp_sequence - a.tcp_sequence;
    const std::uint32_t a_after_b = a.tcp_sequence - b.tcp_sequence;
    return a.payload > b.payload ? b_after_a < a.payload && b_after_a + b.payload <= a.payload
                                 : a_after_b < b.payload && a_after_b + a.payload <= b.payload;
}

std::string describe(const Packet& packet) {
    const auto end_point = [](const std::string& address, std::uint16_t port) {
        if (port == 0)
            return address;
        return address.find(':') == std::string::npos ? fmt::format("{}:{}", address, port)
                                                      : fmt::format("[{}]:{}", address, port);
    };
    if (packet.source.empty() && packet.destination.empty())
        return packet.family == 0 ? "frame" : protocol_name(packet);
    std::string name = protocol_name(packet);
    if (is_echo(packet))
        name += is_echo_reply(packet) ? " reply" : " echo";
    return fmt::format("{} {} -> {}{}", name, end_point(packet.source, packet.source_port),
                       end_point(packet.destination, packet.destination_port), suffix_of(packet));
}

} // namespace nflab::verdict

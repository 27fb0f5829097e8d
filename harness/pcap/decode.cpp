// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/pcap/decode.hpp"

#include "guest/nfverdict/packet/packet.hpp"

#include <linux/if_ether.h>
#include <pcap/dlt.h>
#include <sys/socket.h>

namespace nflab::pcap {
namespace {

using Bytes = std::span<const std::uint8_t>;

// Where the link layer says which protocol follows, and where that begins: pcap-linktype(7).
struct Link {
    std::size_t protocol = 0;
    std::size_t header = 0;
};
constexpr Link ethernet_link = {12, 14};
constexpr Link cooked_link = {14, 16};
constexpr Link cooked_link2 = {0, 20};

std::uint16_t big16(Bytes bytes, std::size_t at) {
    return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

void decode_network(std::uint16_t ethertype, Bytes bytes, verdict::Packet& packet) {
    packet.length = static_cast<std::uint32_t>(bytes.size());
    while ((ethertype == ETH_P_8021Q || ethertype == ETH_P_8021AD) && bytes.size() >= 4) {
        ethertype = big16(bytes, 2);
        bytes = bytes.subspan(4);
    }
    packet.ethertype = ethertype;
    if (ethertype == ETH_P_IP)
        nfverdict::parse_packet(AF_INET, bytes, packet);
    else if (ethertype == ETH_P_IPV6)
        nfverdict::parse_packet(AF_INET6, bytes, packet);
    else if (ethertype == ETH_P_ARP)
        nfverdict::parse_arp(bytes, packet);
}

void decode_link(const Link& link, Bytes bytes, verdict::Packet& packet) {
    if (bytes.size() >= link.header)
        decode_network(big16(bytes, link.protocol), bytes.subspan(link.header), packet);
}

} // namespace

verdict::Packet decode_frame(Bytes frame) {
    verdict::Packet packet;
    if (frame.size() >= ethernet_link.header) {
        packet.destination_mac = nfverdict::mac_text(frame.data());
        packet.source_mac = nfverdict::mac_text(frame.data() + ETH_ALEN);
    }
    decode_link(ethernet_link, frame, packet);
    return packet;
}

verdict::Packet decode(const Packet& captured, int link_type) {
    verdict::Packet packet;
    const Bytes bytes = captured.bytes;
    switch (link_type) {
    case DLT_EN10MB:
        return decode_frame(bytes);
    case DLT_LINUX_SLL:
        decode_link(cooked_link, bytes, packet);
        break;
    case DLT_LINUX_SLL2:
        decode_link(cooked_link2, bytes, packet);
        break;
    case DLT_RAW:
        if (!bytes.empty())
            decode_network(bytes[0] >> 4 == 6 ? ETH_P_IPV6 : ETH_P_IP, bytes, packet);
        break;
    default:
        break;
    }
    return packet;
}

} // namespace nflab::pcap

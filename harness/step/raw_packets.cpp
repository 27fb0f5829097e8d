// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/step/raw_packets.hpp"

#include "guest/traffic/options.hpp"
#include "guest/traffic/payload.hpp"
#include "harness/packet/build.hpp"
#include "harness/pcap/decode.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <string>

namespace nflab::step {
namespace {

using packet::Bytes;
using packet::Header;
using packet::Layer;
using verdict::SentPacket;

Bytes address_bytes(const std::string& text, bool ipv6) {
    Bytes bytes(ipv6 ? 16 : 4);
    ::inet_pton(ipv6 ? AF_INET6 : AF_INET, text.c_str(), bytes.data());
    return bytes;
}

// Fills in what tells packets apart, and what only the sending node knows.
class Chooser {
  public:
    Chooser(const RawContext& context, std::uint32_t number) : context_(context), number_(number) {}

    void complete(Layer& layer) const {
        switch (layer.header) {
        case Header::ethernet:
            bytes(layer, "source", context_.link.own_mac);
            bytes(layer, "destination", context_.link.next_mac);
            break;
        case Header::arp:
            bytes(layer, "sender_mac", context_.link.own_mac);
            bytes(layer, "sender", address_bytes(context_.link.source, false));
            bytes(layer, "target", address_bytes(context_.destination, false));
            break;
        case Header::ipv4:
            addresses(layer, false);
            count(layer, "id", context_.run % 0xffff + 1, 0xffff);
            break;
        case Header::ipv6:
            addresses(layer, true);
            break;
        case Header::icmp:
        case Header::icmpv6:
            if (is_echo(layer)) {
                layer.numbers.emplace("id", context_.run & 0xffff);
                count(layer, "sequence", 1, 0xffff);
            }
            break;
        case Header::tcp:
            layer.numbers.emplace("sequence", context_.run + number_ * sequences_apart);
            [[fallthrough]];
        case Header::udp:
        case Header::sctp:
            // Outside of what kernels choose from: net.ipv4.ip_local_port_range.
            count(layer, "source_port", 10'000 + context_.run % 10'000, 0xffff);
            break;
        }
    }

  private:
    static constexpr std::uint32_t sequences_apart = 100'000;

    static bool is_echo(const Layer& layer) {
        const auto type = layer.numbers.find("type");
        constexpr std::uint32_t echo = 8, echo6 = 128;
        return type == layer.numbers.end() ||
               type->second == (layer.header == Header::icmp ? echo : echo6);
    }

    void addresses(Layer& layer, bool ipv6) const {
        if (!context_.link.source.empty())
            bytes(layer, "source", address_bytes(context_.link.source, ipv6));
        bytes(layer, "destination", address_bytes(context_.destination, ipv6));
    }

    static void bytes(Layer& layer, const char* name, const Bytes& value) {
        layer.bytes.emplace(name, value);
    }

    // From what was written, or else from `first`, one more for each packet.
    void count(Layer& layer, const char* name, std::uint32_t first, std::uint32_t most) const {
        auto& value = layer.numbers.emplace(name, first).first->second;
        value = (value + number_) % (most + 1);
    }

    const RawContext& context_;
    std::uint32_t number_;
};

Bytes payload_of(const scenario::RawPacket& raw, int size, std::uint32_t number,
                 const RawContext& context) {
    if (raw.payload)
        return *raw.payload;
    const auto wanted = static_cast<std::size_t>(size);
    // Too short for our mark: as much of it as there is room for.
    std::string text = traffic::make_payload({context.run, number},
                                             std::max<std::size_t>(wanted, traffic::min_size));
    text.resize(wanted);
    return {text.begin(), text.end()};
}

std::uint16_t ethertype_in(const Bytes& packet) {
    return packet::ethertype_of(!packet.empty() && packet[0] >> 4 == 6 ? Header::ipv6
                                                                       : Header::ipv4);
}

Bytes framed(const Layer& ethernet, const Bytes& packet) {
    return packet::build(std::span(&ethernet, 1), packet);
}

std::string protocol_word(const verdict::Packet& packet) {
    constexpr std::uint16_t arp = 0x0806; // ETH_P_ARP of include/uapi/linux/if_ether.h
    if (packet.ethertype == arp)
        return "arp";
    switch (packet.protocol) {
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
        return "icmp";
    case IPPROTO_TCP:
        return "tcp";
    case IPPROTO_UDP:
        return "udp";
    case IPPROTO_SCTP:
        return "sctp";
    default:
        return std::to_string(packet.protocol);
    }
}

} // namespace

SentPacket sent_frame(const std::string& node, const Bytes& frame) {
    SentPacket sent;
    const verdict::Packet header = pcap::decode_frame(frame);
    sent.node = node;
    sent.protocol = protocol_word(header);
    sent.family = header.family;
    sent.source = header.source;
    sent.destination = header.destination;
    sent.source_port = header.source_port;
    sent.destination_port = header.destination_port;
    sent.icmp_id = header.icmp_id;
    sent.icmp_sequence = header.icmp_sequence;
    sent.stamp = header.stamp;
    sent.header = header;
    return sent;
}

RawFrames raw_frames(const scenario::RawPacket& raw, int size, std::uint32_t number,
                     const RawContext& context) {
    const Chooser chooser(context, number);
    std::vector<Layer> layers = raw.layers;
    Layer ethernet;
    ethernet.header = Header::ethernet;
    if (!layers.empty() && layers.front().header == Header::ethernet) {
        ethernet = layers.front();
        layers.erase(layers.begin());
    }
    for (Layer& layer : layers)
        chooser.complete(layer);
    const bool arp = !layers.empty() && layers.front().header == Header::arp;
    if (arp)
        ethernet.bytes.emplace("destination", Bytes(6, 0xff)); // everybody is asked
    chooser.complete(ethernet);

    const Bytes whole =
        raw.whole ? *raw.whole : packet::build(layers, payload_of(raw, size, number, context));
    ethernet.numbers.emplace("type", arp ? packet::ethertype_of(Header::arp) : ethertype_in(whole));
    std::vector<packet::Piece> pieces = raw.pieces;
    if (raw.fragment_size)
        pieces =
            packet::pieces_of(static_cast<unsigned>(whole.size() - packet::ip_header_size(whole)),
                              *raw.fragment_size);
    RawFrames result;
    for (const Bytes& piece : packet::fragment(whole, pieces, context.run + number))
        result.frames.push_back(framed(ethernet, piece));
    if (result.frames.empty())
        result.frames.push_back(framed(ethernet, whole));
    // A VLAN tag is of the link, not of the packet.
    ethernet.numbers.erase("vlan");
    result.sent = sent_frame(context.node, framed(ethernet, whole));
    if (!pieces.empty() && result.sent.family == AF_INET6)
        result.sent.header->ip_id = context.run + number;
    return result;
}

scenario::RawPacket plain_packet(scenario::Protocol protocol, const scenario::Send& order) {
    scenario::RawPacket raw;
    raw.layers.resize(2);
    raw.layers[0].header = order.ipv6 ? Header::ipv6 : Header::ipv4;
    Layer& transport = raw.layers[1];
    transport.header = protocol == scenario::Protocol::tcp   ? Header::tcp
                       : protocol == scenario::Protocol::udp ? Header::udp
                       : order.ipv6                          ? Header::icmpv6
                                                             : Header::icmp;
    if (order.port && protocol != scenario::Protocol::icmp)
        transport.numbers["port"] = *order.port;
    if (order.source_port)
        transport.numbers["source_port"] = *order.source_port;
    return raw;
}

} // namespace nflab::step

// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/packet/build.hpp"

#include "harness/packet/checksum.hpp"
#include "harness/packet/fields.hpp"

#include <linux/if_ether.h>
#include <netinet/in.h>

#include <algorithm>
#include <string_view>

namespace nflab::packet {
namespace {

void put_bits(Bytes& bytes, unsigned bit, unsigned width, std::uint32_t value) {
    for (unsigned i = 0; i < width; ++i) {
        const unsigned at = bit + i;
        const auto mask = static_cast<std::uint8_t>(0x80U >> at % 8);
        if ((value >> (width - 1 - i) & 1U) != 0)
            bytes[at / 8] |= mask;
        else
            bytes[at / 8] &= static_cast<std::uint8_t>(~mask);
    }
}

void put16(Bytes& bytes, std::size_t at, unsigned value) {
    bytes[at] = static_cast<std::uint8_t>(value >> 8);
    bytes[at + 1] = static_cast<std::uint8_t>(value);
}

void put32(Bytes& bytes, std::size_t at, std::uint32_t value) {
    put16(bytes, at, value >> 16);
    put16(bytes, at + 2, value & 0xffff);
}

unsigned get16(const Bytes& bytes, std::size_t at) {
    return static_cast<unsigned>(bytes[at] << 8 | bytes[at + 1]);
}

const Bytes* find(const Layer& layer, const char* name) {
    const auto found = layer.bytes.find(name);
    return found == layer.bytes.end() ? nullptr : &found->second;
}

void append(Bytes& bytes, const Bytes& more) {
    bytes.insert(bytes.end(), more.begin(), more.end());
}

Bytes padded(Bytes bytes) {
    bytes.resize((bytes.size() + 3) / 4 * 4);
    return bytes;
}

// RFC 9260, 3.3.2: one stream each way, and a tag as good as any other.
Bytes init_chunk() {
    return {1, 0, 0, 20, 0x6e, 0x66, 0x6c, 0x62, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1};
}

int protocol_of(Header header) {
    switch (header) {
    case Header::icmp:
        return IPPROTO_ICMP;
    case Header::icmpv6:
        return IPPROTO_ICMPV6;
    case Header::tcp:
        return IPPROTO_TCP;
    case Header::udp:
        return IPPROTO_UDP;
    case Header::sctp:
        return IPPROTO_SCTP;
    default:
        return IPPROTO_NONE;
    }
}

// Where a checksum lies, in bytes; 0: there is none.
std::size_t checksum_at(Header header) {
    const auto numbers = shape_of(header).numbers;
    const auto field = std::find_if(numbers.begin(), numbers.end(), [](const NumberField& each) {
        return each.name == "checksum";
    });
    return field == numbers.end() ? 0 : field->bit / 8;
}

// The header with what a sound one has, but for its checksum.
Bytes sound_header(const Layer& layer, const Layer* inner, std::size_t rest) {
    Bytes bytes(shape_of(layer.header).size);
    if (const Bytes* options = find(layer, "options"))
        append(bytes, padded(*options));
    const auto words = static_cast<std::uint8_t>(bytes.size() / 4);
    const auto next = static_cast<std::uint8_t>(inner ? protocol_of(inner->header) : IPPROTO_NONE);
    switch (layer.header) {
    case Header::ethernet:
        put16(bytes, 12, inner ? ethertype_of(inner->header) : 0);
        break;
    case Header::arp:
        put16(bytes, 0, 1); // Ethernet
        put16(bytes, 2, ETH_P_IP);
        bytes[4] = 6;
        bytes[5] = 4;
        bytes[7] = 1; // a request
        break;
    case Header::ipv4:
        bytes[0] = static_cast<std::uint8_t>(0x40 | words);
        put16(bytes, 2, static_cast<unsigned>(bytes.size() + rest));
        bytes[8] = 64;
        bytes[9] = next;
        break;
    case Header::ipv6:
        bytes[0] = 0x60;
        if (const Bytes* extensions = find(layer, "extensions"))
            append(bytes, *extensions);
        put16(bytes, 4, static_cast<unsigned>(bytes.size() - 40 + rest));
        bytes[6] = next;
        bytes[7] = 64;
        break;
    case Header::icmp:
        bytes[0] = 8;
        break;
    case Header::icmpv6:
        bytes[0] = 128;
        break;
    case Header::tcp:
        bytes[12] = static_cast<std::uint8_t>(words << 4);
        bytes[13] = 0x02; // SYN
        put16(bytes, 14, 64'240);
        break;
    case Header::udp:
        put16(bytes, 4, static_cast<unsigned>(bytes.size() + rest));
        break;
    case Header::sctp:
        append(bytes, find(layer, "chunks") ? *find(layer, "chunks") : init_chunk());
        break;
    }
    return bytes;
}

void apply_fields(const Layer& layer, Bytes& bytes) {
    const HeaderShape& shape = shape_of(layer.header);
    for (const BytesField& field : shape.addresses)
        if (const auto value = layer.bytes.find(std::string(field.name));
            value != layer.bytes.end() && value->second.size() == field.size)
            std::copy(value->second.begin(), value->second.end(), bytes.begin() + field.offset);
    for (const NumberField& field : shape.numbers)
        if (const auto value = layer.numbers.find(std::string(field.name));
            value != layer.numbers.end())
            put_bits(bytes, field.bit, field.width, value->second / field.unit);
}

// Addresses, length and protocol, of which the transport's checksum is, too: RFC 9293, RFC 8200.
std::uint32_t pseudo_header(const Bytes& ip, Header family, Header transport, std::size_t size) {
    const std::size_t begin = family == Header::ipv4 ? 12 : 8;
    const std::size_t length = family == Header::ipv4 ? 8 : 32;
    return word_sum(std::span(ip).subspan(begin, length),
                    static_cast<std::uint32_t>(protocol_of(transport)) +
                        static_cast<std::uint32_t>(size));
}

// `bytes` hold the header at their begin and all that follows it.
void set_checksum(const Layer& layer, const Bytes* ip, Header family, Bytes& bytes) {
    const std::size_t at = checksum_at(layer.header);
    if (at == 0 || layer.numbers.contains("checksum"))
        return;
    if (layer.header == Header::sctp) {
        put32(bytes, at, 0);
        put32(bytes, at, crc32c(bytes) ^ (layer.bad_checksum ? 0x5a5a5a5aU : 0U));
        return;
    }
    std::uint32_t start = 0;
    if (ip && layer.header != Header::icmp)
        start = pseudo_header(*ip, family, layer.header, bytes.size());
    put16(bytes, at, 0);
    unsigned sum = internet_checksum(bytes, start);
    if (layer.bad_checksum)
        sum ^= 0x5a5aU;
    if (sum == 0 && layer.header == Header::udp)
        sum = 0xffff; // 0 would say that there is none: RFC 768
    put16(bytes, at, sum);
}

void add_vlan_tag(const Layer& layer, Bytes& bytes) {
    const auto vlan = layer.numbers.find("vlan");
    if (layer.header != Header::ethernet || vlan == layer.numbers.end())
        return;
    Bytes tag(4);
    put16(tag, 0, ETH_P_8021Q);
    put16(tag, 2, vlan->second);
    bytes.insert(bytes.begin() + 12, tag.begin(), tag.end());
}

bool is_ip(Header header) {
    return header == Header::ipv4 || header == Header::ipv6;
}

} // namespace

std::uint16_t ethertype_of(Header header) {
    return header == Header::ipv4 ? ETH_P_IP : header == Header::ipv6 ? ETH_P_IPV6 : ETH_P_ARP;
}

Bytes build(std::span<const Layer> layers, const Bytes& payload) {
    // What SCTP carries is in its chunks.
    const bool chunks = !layers.empty() && layers.back().header == Header::sctp;
    Bytes result = chunks ? Bytes() : payload;
    std::vector<Bytes> headers(layers.size());
    std::size_t rest = result.size();
    for (std::size_t i = layers.size(); i-- > 0;) {
        headers[i] =
            sound_header(layers[i], i + 1 < layers.size() ? &layers[i + 1] : nullptr, rest);
        apply_fields(layers[i], headers[i]);
        rest += headers[i].size();
    }
    for (std::size_t i = layers.size(); i-- > 0;) {
        const bool inside_ip = i > 0 && is_ip(layers[i - 1].header);
        if (is_ip(layers[i].header)) {
            set_checksum(layers[i], nullptr, layers[i].header, headers[i]);
            result.insert(result.begin(), headers[i].begin(), headers[i].end());
            continue;
        }
        add_vlan_tag(layers[i], headers[i]);
        result.insert(result.begin(), headers[i].begin(), headers[i].end());
        set_checksum(layers[i], inside_ip ? &headers[i - 1] : nullptr,
                     inside_ip ? layers[i - 1].header : Header::ipv4, result);
    }
    return result;
}

std::size_t ip_header_size(const Bytes& ip) {
    if (ip.size() >= 20 && ip[0] >> 4 == 4)
        return std::min<std::size_t>((ip[0] & 0x0fU) * std::size_t{4}, ip.size());
    return ip.size() >= 40 && ip[0] >> 4 == 6 ? 40 : ip.size();
}

std::vector<Piece> pieces_of(unsigned total, unsigned size) {
    std::vector<Piece> pieces;
    for (unsigned from = 0; from < total; from += size)
        pieces.push_back({from, std::min(size, total - from), {}, {}});
    return pieces;
}

std::vector<Bytes> fragment(const Bytes& ip, const std::vector<Piece>& pieces,
                            std::uint32_t identification) {
    const std::size_t header = ip_header_size(ip);
    const bool v4 = header < ip.size() && ip[0] >> 4 == 4;
    if (header >= ip.size() || (!v4 && ip[6] == IPPROTO_FRAGMENT))
        return {};
    constexpr unsigned dont_fragment = 0x4000;
    std::vector<Bytes> fragments;
    for (const Piece& piece : pieces) {
        const std::size_t begin = std::min<std::size_t>(header + piece.from, ip.size());
        const std::size_t end =
            piece.size == 0 ? ip.size() : std::min<std::size_t>(begin + piece.size, ip.size());
        const bool more = piece.more.value_or(end < ip.size());
        const unsigned units = piece.at.value_or(piece.from) / 8;
        Bytes bytes(ip.begin(), ip.begin() + static_cast<std::ptrdiff_t>(header));
        if (!v4) {
            Bytes extension = {bytes[6], 0, 0, 0, 0, 0, 0, 0};
            put16(extension, 2, units << 3 | (more ? 1U : 0U));
            put32(extension, 4, identification);
            bytes[6] = IPPROTO_FRAGMENT;
            append(bytes, extension);
        }
        bytes.insert(bytes.end(), ip.begin() + static_cast<std::ptrdiff_t>(begin),
                     ip.begin() + static_cast<std::ptrdiff_t>(end));
        if (v4) {
            put16(bytes, 2, static_cast<unsigned>(bytes.size()));
            put16(bytes, 6, (get16(bytes, 6) & dont_fragment) | units | (more ? 0x2000U : 0U));
            put16(bytes, 10, 0);
            put16(bytes, 10, internet_checksum(std::span(bytes).first(header)));
        } else {
            put16(bytes, 4, static_cast<unsigned>(bytes.size() - 40));
        }
        fragments.push_back(std::move(bytes));
    }
    return fragments;
}

} // namespace nflab::packet

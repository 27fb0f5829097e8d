// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/differential/packet.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace nflab::witness {
namespace {

constexpr std::array<std::uint8_t, 4> magic{'W', 'T', 'N', 'S'};
constexpr std::size_t tag_size = 8; // magic, uid, step, hops
constexpr std::uint8_t icmp = 1, tcp = 6, udp = 17, icmpv6 = 58, fragment_header = 44;
constexpr unsigned step_shift = 13;
constexpr std::uint16_t uid_mask = (1U << step_shift) - 1;
constexpr std::uint8_t last_step = 7;

void put16(Bytes& out, std::size_t at, unsigned value) {
    out[at] = static_cast<std::uint8_t>(value >> 8);
    out[at + 1] = static_cast<std::uint8_t>(value);
}

void put32(Bytes& out, std::size_t at, std::uint32_t value) {
    put16(out, at, value >> 16);
    put16(out, at + 2, value & 0xffff);
}

unsigned get16(const std::uint8_t* at) {
    return static_cast<unsigned>(at[0] << 8 | at[1]);
}

std::uint32_t get32(const std::uint8_t* at) {
    return get16(at) << 16 | get16(at + 2);
}

std::uint32_t sum(const std::uint8_t* data, std::size_t size, std::uint32_t start = 0) {
    for (std::size_t i = 0; i < size; i += 2)
        start += static_cast<std::uint32_t>(data[i] << 8 | (i + 1 < size ? data[i + 1] : 0));
    return start;
}

unsigned folded(std::uint32_t value) {
    while (value >> 16)
        value = (value & 0xffff) + (value >> 16);
    return ~value & 0xffff;
}

std::size_t ip_header(int family) {
    return family == 4 ? 20 : 40;
}

std::size_t transport_header(std::uint8_t protocol) {
    return protocol == tcp ? 20 : 8;
}

std::size_t checksum_offset(std::uint8_t protocol) {
    return protocol == tcp ? 16 : protocol == udp ? 6 : 2;
}

void set_checksum(Bytes& out, const Packet& packet) {
    const std::size_t start = ip_header(packet.family);
    const std::size_t size = out.size() - start;
    std::uint32_t pseudo = 0;
    if (packet.protocol != icmp) {
        const std::size_t width = packet.family == 4 ? 4 : 16;
        pseudo = sum(packet.source.data(), width) + sum(packet.destination.data(), width) +
                 packet.protocol + static_cast<std::uint32_t>(size);
    }
    unsigned value = folded(sum(out.data() + start, size, pseudo));
    if (value == 0 && packet.protocol == udp)
        value = 0xffff;
    put16(out, start + checksum_offset(packet.protocol), value);
}

} // namespace

std::uint16_t length_of(const Packet& packet) {
    return static_cast<std::uint16_t>(ip_header(packet.family) + transport_header(packet.protocol) +
                                      tag_size + packet.padding);
}

Bytes build(const Packet& packet) {
    Bytes out(length_of(packet));
    const std::size_t start = ip_header(packet.family);
    if (packet.family == 4) {
        out[0] = 0x45;
        put16(out, 2, static_cast<unsigned>(out.size()));
        put16(out, 4, packet.uid | static_cast<unsigned>(packet.step) << step_shift);
        out[8] = packet.ttl;
        out[9] = packet.protocol;
        std::copy_n(packet.source.begin(), 4, out.begin() + 12);
        std::copy_n(packet.destination.begin(), 4, out.begin() + 16);
        put16(out, 10, folded(sum(out.data(), start)));
    } else {
        out[0] = 0x60;
        put16(out, 4, static_cast<unsigned>(out.size() - start));
        out[6] = packet.protocol;
        out[7] = packet.ttl;
        std::copy(packet.source.begin(), packet.source.end(), out.begin() + 8);
        std::copy(packet.destination.begin(), packet.destination.end(), out.begin() + 24);
    }
    if (packet.protocol == tcp || packet.protocol == udp) {
        put16(out, start, packet.source_port);
        put16(out, start + 2, packet.destination_port);
    }
    if (packet.protocol == tcp) {
        put32(out, start + 4, packet.sequence);
        put32(out, start + 8, packet.acknowledged);
        out[start + 12] = 0x50;
        out[start + 13] = packet.tcp_flags;
        put16(out, start + 14, 65'000);
    } else if (packet.protocol == udp) {
        put16(out, start + 4, static_cast<unsigned>(out.size() - start));
    } else {
        out[start] = static_cast<std::uint8_t>(
            packet.protocol == icmp ? (packet.reply ? 0 : 8) : (packet.reply ? 129 : 128));
        put16(out, start + 4, packet.source_port);
        put16(out, start + 6, packet.destination_port);
    }
    const std::size_t tag = start + transport_header(packet.protocol);
    std::copy(magic.begin(), magic.end(), out.begin() + static_cast<std::ptrdiff_t>(tag));
    put16(out, tag + 4, packet.uid);
    out[tag + 6] = packet.step;
    out[tag + 7] = packet.hops;
    set_checksum(out, packet);
    return out;
}

std::optional<Packet> parse(const std::uint8_t* data, std::size_t size) {
    if (size < 20)
        return {};
    Packet packet;
    packet.family = data[0] >> 4;
    if (packet.family != 4 && packet.family != 6)
        return {};
    const std::size_t start = ip_header(packet.family);
    if (size < start)
        return {};
    std::size_t length = 0;
    if (packet.family == 4) {
        constexpr unsigned more_and_offset = 0x3fff;
        if (data[0] != 0x45 || (get16(data + 6) & more_and_offset) != 0)
            return {};
        length = get16(data + 2);
        packet.ttl = data[8];
        packet.protocol = data[9];
        std::copy_n(data + 12, 4, packet.source.begin());
        std::copy_n(data + 16, 4, packet.destination.begin());
    } else {
        length = get16(data + 4) + start;
        packet.protocol = data[6];
        packet.ttl = data[7];
        std::copy_n(data + 8, 16, packet.source.begin());
        std::copy_n(data + 24, 16, packet.destination.begin());
    }
    const std::uint8_t echo = packet.family == 4 ? icmp : icmpv6;
    if (packet.protocol != tcp && packet.protocol != udp && packet.protocol != echo)
        return {};
    const std::size_t tag = start + transport_header(packet.protocol);
    if (length > size || length < tag + tag_size ||
        !std::equal(magic.begin(), magic.end(), data + tag))
        return {};
    const std::uint8_t* transport = data + start;
    if (packet.protocol == echo) {
        const unsigned type = transport[0];
        if (type != 0 && type != 8 && type != 128 && type != 129)
            return {};
        packet.reply = type == 0 || type == 129;
        packet.source_port = static_cast<std::uint16_t>(get16(transport + 4));
        packet.destination_port = static_cast<std::uint16_t>(get16(transport + 6));
    } else {
        packet.source_port = static_cast<std::uint16_t>(get16(transport));
        packet.destination_port = static_cast<std::uint16_t>(get16(transport + 2));
    }
    if (packet.protocol == tcp) {
        packet.sequence = get32(transport + 4);
        packet.acknowledged = get32(transport + 8);
        packet.tcp_flags = transport[13];
    }
    packet.uid = static_cast<std::uint16_t>(get16(data + tag + 4) & uid_mask);
    packet.step = data[tag + 6];
    packet.hops = data[tag + 7];
    packet.padding = static_cast<std::uint16_t>(length - tag - tag_size);
    return packet;
}

std::optional<Tag> read_tag(const Bytes& ip, std::size_t header, std::uint8_t protocol) {
    const std::size_t at = header + transport_header(protocol);
    if (at + tag_size > ip.size() ||
        !std::equal(magic.begin(), magic.end(), ip.begin() + static_cast<std::ptrdiff_t>(at)))
        return {};
    return Tag{static_cast<std::uint16_t>(get16(ip.data() + at + 4) & uid_mask), ip[at + 6],
               ip[at + 7]};
}

std::optional<Packet> answer(const Packet& packet) {
    if (packet.hops == 0 || packet.step >= last_step ||
        (packet.tcp_flags & tcp_rst && packet.protocol == tcp))
        return {};
    Packet next = packet;
    std::swap(next.source, next.destination);
    ++next.step;
    --next.hops;
    next.ttl = 64;
    // An IPv6 packet is known by its length.
    if (packet.family == 6)
        ++next.padding;
    if (packet.protocol != tcp && packet.protocol != udp) {
        if (packet.reply)
            return {};
        next.reply = true;
        return next;
    }
    std::swap(next.source_port, next.destination_port);
    if (packet.protocol == udp)
        return next;
    const bool synchronises = (packet.tcp_flags & (tcp_syn | tcp_fin)) != 0;
    const auto data = static_cast<std::uint32_t>(tag_size + packet.padding);
    next.sequence = packet.acknowledged != 0 ? packet.acknowledged : packet.sequence + 1'000'000;
    next.acknowledged = packet.sequence + data + (synchronises ? 1 : 0);
    next.tcp_flags = tcp_ack;
    if ((packet.tcp_flags & (tcp_syn | tcp_ack)) == tcp_syn)
        next.tcp_flags = tcp_syn | tcp_ack;
    else if (next.hops == 0)
        next.tcp_flags = tcp_fin | tcp_ack;
    else if (packet.step > 1)
        next.tcp_flags = tcp_psh | tcp_ack;
    return next;
}

std::vector<Bytes> fragment(const Bytes& ip, std::uint16_t chunk, std::uint32_t identification) {
    const bool v4 = ip[0] >> 4 == 4;
    const std::size_t header = v4 ? 20 : 40;
    std::vector<Bytes> out;
    for (std::size_t at = header; at < ip.size(); at += chunk) {
        const std::size_t end = std::min<std::size_t>(at + chunk, ip.size());
        const bool more = end < ip.size();
        const auto offset = static_cast<unsigned>(at - header);
        Bytes piece(ip.begin(), ip.begin() + static_cast<std::ptrdiff_t>(header));
        if (v4) {
            put16(piece, 6, offset / 8 | (more ? 0x2000U : 0U));
        } else {
            Bytes extension(8);
            extension[0] = piece[6];
            put16(extension, 2, offset | (more ? 1U : 0U));
            put32(extension, 4, identification);
            piece[6] = fragment_header;
            piece.insert(piece.end(), extension.begin(), extension.end());
        }
        piece.insert(piece.end(), ip.begin() + static_cast<std::ptrdiff_t>(at),
                     ip.begin() + static_cast<std::ptrdiff_t>(end));
        if (v4) {
            put16(piece, 2, static_cast<unsigned>(piece.size()));
            put16(piece, 10, 0);
            put16(piece, 10, folded(sum(piece.data(), header)));
        } else {
            put16(piece, 4, static_cast<unsigned>(piece.size() - header));
        }
        out.push_back(std::move(piece));
    }
    return out;
}

Mac mac_address(const std::string& text) {
    Mac out{};
    std::string digits = text;
    std::erase(digits, ':');
    const Bytes bytes = from_hex(digits);
    if (bytes.size() == out.size())
        std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
}

Bytes frame(const Mac& destination, const Mac& source, const Bytes& ip) {
    Bytes out(destination.begin(), destination.end());
    out.insert(out.end(), source.begin(), source.end());
    constexpr unsigned ipv4 = 0x0800, ipv6 = 0x86dd, arp = 0x0806;
    const unsigned version = ip.empty() ? 0 : ip[0] >> 4;
    const unsigned type = version == 4 ? ipv4 : version == 6 ? ipv6 : arp;
    out.push_back(static_cast<std::uint8_t>(type >> 8));
    out.push_back(static_cast<std::uint8_t>(type));
    out.insert(out.end(), ip.begin(), ip.end());
    return out;
}

Bytes arp_request(const Mac& sender_mac, const Address& sender, const Address& target) {
    Bytes out{0, 1, 8, 0, 6, 4, 0, 1}; // Ethernet, IPv4, lengths of their addresses, request
    out.insert(out.end(), sender_mac.begin(), sender_mac.end());
    out.insert(out.end(), sender.begin(), sender.begin() + 4);
    out.insert(out.end(), sender_mac.size(), 0);
    out.insert(out.end(), target.begin(), target.begin() + 4);
    return out;
}

std::string to_hex(const std::uint8_t* data, std::size_t size) {
    constexpr char digits[] = "0123456789abcdef";
    std::string out;
    out.reserve(size * 2);
    for (std::size_t i = 0; i < size; ++i) {
        out.push_back(digits[data[i] >> 4]);
        out.push_back(digits[data[i] & 15]);
    }
    return out;
}

Bytes from_hex(const std::string& text) {
    const auto digit = [](char c) {
        return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    };
    Bytes out;
    if (text.size() % 2 != 0)
        return out;
    out.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = digit(text[i]);
        const int low = digit(text[i + 1]);
        if (high < 0 || low < 0)
            return {};
        out.push_back(static_cast<std::uint8_t>(high << 4 | low));
    }
    return out;
}

Address address(const std::string& text) {
    Address out{};
    ::inet_pton(text.find(':') == std::string::npos ? AF_INET : AF_INET6, text.c_str(), out.data());
    return out;
}

std::string text(const Address& address, int family) {
    std::array<char, INET6_ADDRSTRLEN> out{};
    ::inet_ntop(family == 4 ? AF_INET : AF_INET6, address.data(), out.data(), out.size());
    return out.data();
}

} // namespace nflab::witness

// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/differential/evidence.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace nflab::witness {
namespace {

constexpr int icmp = 1, tcp = 6, udp = 17, fragment_header = 44, icmpv6 = 58;
constexpr unsigned steps = 8;

unsigned get16(const Bytes& bytes, std::size_t at) {
    return at + 1 < bytes.size() ? static_cast<unsigned>(bytes[at] << 8 | bytes[at + 1]) : 0;
}

bool is_error(const Seen& seen) {
    return (seen.protocol == icmp && seen.icmp_type > 0 && seen.icmp_type != 8) ||
           (seen.protocol == icmpv6 && seen.icmp_type >= 0 && seen.icmp_type < 128);
}

} // namespace

bool is_echo_reply(const Seen& seen) {
    constexpr int icmp_reply = 0, icmpv6_reply = 129;
    return (seen.protocol == icmp && seen.icmp_type == icmp_reply) ||
           (seen.protocol == icmpv6 && seen.icmp_type == icmpv6_reply);
}

Names::Names(const std::vector<Shot>& shots) {
    for (std::size_t i = 0; i < shots.size(); ++i) {
        if (shots[i].arp)
            continue;
        const Packet& packet = shots[i].packet;
        const Own own{static_cast<int>(i), packet.protocol,
                      shots[i].chunk == 0 ? unsigned{length_of(packet)} : 0};
        by_uid_[packet.uid] = own.shot;
        for (unsigned step = 0; step < steps && step <= packet.hops; ++step)
            if (packet.family == 4)
                by_identification_[packet.uid | step << 13] = own;
            else
                by_length_[length_of(packet) + step] = own;
    }
}

int Names::shot(const Seen& seen) const {
    if (is_error(seen) || seen.family == arp || seen.fragment)
        return -1;
    const auto& table = seen.family == 4 ? by_identification_ : by_length_;
    const auto found = table.find(seen.family == 4 ? seen.identification : seen.length);
    if (found == table.end() || found->second.protocol != seen.protocol)
        return -1;
    // What the router makes itself may have any identification.
    const Own& own = found->second;
    return seen.family == 4 && own.length != 0 && own.length != seen.length ? -1 : own.shot;
}

int Names::shot_of_uid(unsigned uid) const {
    const auto found = by_uid_.find(uid);
    return found == by_uid_.end() ? -1 : found->second;
}

Key Names::key(const Seen& seen) const {
    // nft's trace says no more of it.
    if (seen.family == arp)
        return fmt::format("arp operation {}", seen.protocol);
    if (seen.fragment)
        return fmt::format("6 fragment {} > {} length {}", seen.source, seen.destination,
                           seen.length);
    const int number = shot(seen);
    if (number >= 0)
        return seen.family == 4
                   ? fmt::format("4 id {:#06x} length {}", seen.identification, seen.length)
                   : fmt::format("6 protocol {} length {}", seen.protocol, seen.length);
    return fmt::format("{} protocol {} {} {} > {} {} type {} length {}", seen.family, seen.protocol,
                       seen.source, seen.source_port, seen.destination, seen.destination_port,
                       seen.icmp_type, seen.length);
}

bool Names::noise(const Seen& seen) {
    constexpr int router_solicitation = 133, redirect = 137, mld2_report = 143, mld_first = 130;
    // What the router makes itself may have that identification, too.
    const bool last =
        seen.family == 4 && seen.protocol == udp && seen.identification == last_identification;
    return seen.family == 0 || last ||
           (seen.protocol == icmpv6 &&
            ((seen.icmp_type >= mld_first && seen.icmp_type <= redirect) ||
             seen.icmp_type == router_solicitation || seen.icmp_type == mld2_report)) ||
           seen.destination.rfind("ff02:", 0) == 0;
}

Seen seen_in(const verdict::Record& record) {
    constexpr unsigned ethernet_header = 14;
    Seen seen = seen_in(record.packet);
    // There the sk_buff's data begins with the frame.
    if (record.hook == "egress" && seen.length > ethernet_header)
        seen.length -= ethernet_header;
    return seen;
}

Seen seen_in(const verdict::Packet& packet) {
    Seen seen;
    constexpr unsigned arp_ethertype = 0x0806;
    seen.family = packet.family == 2 ? 4 : packet.family == 10 ? 6 : 0;
    seen.protocol = packet.protocol;
    if (packet.ethertype == arp_ethertype) {
        seen.family = arp;
        seen.protocol = packet.arp_operation;
    }
    seen.source = packet.source;
    seen.destination = packet.destination;
    seen.source_port = packet.source_port;
    seen.destination_port = packet.destination_port;
    seen.icmp_type = packet.icmp_type;
    seen.fragment = seen.family == 6 && packet.is_fragment();
    seen.identification = packet.ip_id;
    seen.length = packet.length;
    return seen;
}

Seen seen_in(const Bytes& ip) {
    Seen seen;
    if (ip.size() < 20)
        return seen;
    Address source{};
    Address destination{};
    if (get16(ip, 0) == 1 && get16(ip, 2) == 0x0800 && ip.size() >= 28) { // Ethernet, IPv4
        std::copy_n(ip.begin() + 14, 4, source.begin());
        std::copy_n(ip.begin() + 24, 4, destination.begin());
        seen.family = arp;
        seen.protocol = static_cast<int>(get16(ip, 6));
        seen.source = text(source, 4);
        seen.destination = text(destination, 4);
        return seen;
    }
    std::size_t transport = 0;
    bool later = false;
    if (ip[0] >> 4 == 4) {
        seen.family = 4;
        transport = (ip[0] & 15U) * 4U;
        seen.protocol = ip[9];
        seen.identification = get16(ip, 4);
        seen.length = get16(ip, 2);
        later = (get16(ip, 6) & 0x1fff) != 0;
        std::copy_n(ip.begin() + 12, 4, source.begin());
        std::copy_n(ip.begin() + 16, 4, destination.begin());
    } else if (ip[0] >> 4 == 6 && ip.size() >= 40) {
        seen.family = 6;
        transport = 40;
        seen.protocol = ip[6];
        seen.length = get16(ip, 4) + 40;
        std::copy_n(ip.begin() + 8, 16, source.begin());
        std::copy_n(ip.begin() + 24, 16, destination.begin());
        if (seen.protocol == fragment_header && ip.size() >= 48) {
            seen.protocol = ip[40];
            seen.fragment = true;
            seen.identification = get16(ip, 46);
            later = (get16(ip, 42) & 0xfff8) != 0;
            transport += 8;
        }
    } else {
        return seen;
    }
    seen.source = text(source, seen.family);
    seen.destination = text(destination, seen.family);
    if (later)
        return seen;
    if (seen.protocol == tcp || seen.protocol == udp) {
        seen.source_port = get16(ip, transport);
        seen.destination_port = get16(ip, transport + 2);
    } else if ((seen.protocol == icmp || seen.protocol == icmpv6) && transport < ip.size()) {
        seen.icmp_type = ip[transport];
    }
    return seen;
}

std::string Statement::text() const {
    std::string out = fmt::format("{} {}", table, base);
    if (!path.empty())
        out += fmt::format(" [{}]", fmt::join(path, " > "));
    out += policy ? " policy" : fmt::format(" {} rule {}", chain, rule);
    return verdict.empty() ? out : out + ": " + verdict;
}

} // namespace nflab::witness

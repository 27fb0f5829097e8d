// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/differential/generate.hpp"

#include <fmt/format.h>

namespace nflab::witness {
namespace {

constexpr std::uint8_t icmp = 1, tcp = 6, udp = 17, icmpv6 = 58;
// Every IPv6 packet of a batch has a length of its own, and so have its answers (step bytes more)
// and its fragments (shorter than the shortest).
constexpr unsigned ipv6_least = 200, ipv6_steps = 5;
constexpr std::uint16_t chunk_step = 8;

std::string host_at(Random& random, Origin side, int family) {
    const int host = net::first_host + random.between(0, net::hosts - 1);
    switch (side) {
    case Origin::lan:
        return net::lan(family, host);
    case Origin::left:
        return net::bridge(family, host);
    case Origin::right:
        return net::bridge(family, host - net::first_host + net::first_right_host);
    default:
        return net::wan(family, host);
    }
}

// The router's own address on that side.
std::string router_at(Origin side, int family) {
    if (side == Origin::left || side == Origin::right)
        return net::bridge(family, net::router);
    return side == Origin::lan ? net::lan(family, net::router) : net::wan(family, net::router);
}

Origin opposite(Origin side) {
    switch (side) {
    case Origin::left:
        return Origin::right;
    case Origin::right:
        return Origin::left;
    case Origin::lan:
        return Origin::wan;
    default:
        return Origin::lan;
    }
}

void make_arp(Random& random, Shot& shot) {
    shot.arp = true;
    shot.to_router = random.percent(60) || shot.origin == Origin::lan || shot.origin == Origin::wan;
    shot.packet.family = 4;
    shot.packet.source = address(host_at(random, shot.origin, 4));
    shot.packet.destination = address(shot.to_router ? router_at(shot.origin, 4)
                                                     : host_at(random, opposite(shot.origin), 4));
}

std::uint8_t flags(Random& random) {
    switch (random.weighted({60, 10, 8, 8, 5, 5})) {
    case 0:
        return tcp_syn;
    case 1:
        return tcp_ack;
    case 2:
        return tcp_rst;
    case 3:
        return tcp_fin | tcp_ack;
    case 4:
        return tcp_fin | tcp_psh | 0x20;
    default:
        return 0;
    }
}

} // namespace

std::string net::lan(int family, int host) {
    return family == 4 ? fmt::format("192.168.4.{}", host) : fmt::format("fd00:4::{}", host);
}

std::string net::wan(int family, int host) {
    return family == 4 ? fmt::format("10.53.134.{}", host) : fmt::format("fd00:86::{}", host);
}

std::string net::bridge(int family, int host) {
    return family == 4 ? fmt::format("10.77.0.{}", host) : fmt::format("fd00:77::{}", host);
}

std::vector<Bytes> Shot::datagrams() const {
    if (chunk == 0)
        return {build(packet)};
    return fragment(build(packet), chunk, packet.uid);
}

std::vector<Shot> make_packets(Random& random, unsigned count, bool fragments) {
    std::vector<Shot> shots;
    unsigned ipv6 = 0;
    for (unsigned i = 0; i < count; ++i) {
        Shot shot;
        Packet& packet = shot.packet;
        packet.uid = static_cast<std::uint16_t>(i + 1);
        // Beyond that, lengths would no longer fit into the MTU.
        const bool six = random.percent(45) && ipv6_least + ipv6_steps * (ipv6 + 1) < 1400;
        packet.family = six ? 6 : 4;
        shot.origin = std::vector{Origin::lan, Origin::wan, Origin::router, Origin::left,
                                  Origin::right}[random.weighted({40, 24, 12, 13, 11})];
        if (shot.origin != Origin::router && random.percent(4)) {
            make_arp(random, shot);
            shots.push_back(shot);
            continue;
        }
        const bool bridged = shot.origin == Origin::left || shot.origin == Origin::right;
        shot.to_router = shot.origin != Origin::router && random.percent(bridged ? 30 : 20);
        const Origin far = opposite(shot.origin);
        // From the router to either side; to any of its addresses that are not behind a bridge.
        const Origin out = shot.origin == Origin::router && random.percent(50) ? Origin::wan : far;
        const Origin to = !bridged && shot.to_router && random.percent(50) ? shot.origin : out;
        packet.source =
            address(shot.origin == Origin::router ? router_at(out, packet.family)
                                                  : host_at(random, shot.origin, packet.family));
        packet.destination = address(shot.to_router ? router_at(to, packet.family)
                                                    : host_at(random, out, packet.family));
        packet.source_port = static_cast<std::uint16_t>(20'000 + packet.uid);
        packet.destination_port = static_cast<std::uint16_t>(random.pick(net::ports));
        packet.hops = static_cast<std::uint8_t>(random.between(0, 4));
        switch (random.weighted({45, 35, 20})) {
        case 0:
            packet.protocol = tcp;
            packet.tcp_flags = flags(random);
            packet.sequence = 1000U + packet.uid;
            break;
        case 1:
            packet.protocol = udp;
            break;
        default:
            packet.protocol = six ? icmpv6 : icmp;
            packet.source_port = packet.uid;
            packet.destination_port = 1;
        }
        if (six) {
            packet.padding = 0;
            packet.padding =
                static_cast<std::uint16_t>(ipv6_least + ipv6_steps * ipv6 - length_of(packet));
            ++ipv6;
        } else {
            packet.padding = static_cast<std::uint16_t>(random.between(0, 200));
        }
        if (packet.protocol != tcp && shot.origin != Origin::router && !bridged &&
            random.percent(8) && fragments) {
            if (!six)
                packet.padding = static_cast<std::uint16_t>(random.between(300, 900));
            shot.chunk =
                static_cast<std::uint16_t>(chunk_step * random.between(4, 16) * (six ? 1 : 4));
        }
        shots.push_back(shot);
    }
    return shots;
}

std::string describe(const Shot& shot) {
    const Packet& packet = shot.packet;
    static const std::vector<std::string> origins{"lan", "wan", "router", "left", "right"};
    std::string out = fmt::format("from {}: ", origins[static_cast<std::size_t>(shot.origin)]);
    if (shot.arp)
        return out + fmt::format("arp who has {} tell {}", text(packet.destination, 4),
                                 text(packet.source, 4));
    const bool ports = packet.protocol == tcp || packet.protocol == udp;
    if (ports)
        out += fmt::format("{} {} port {} > {} port {}", packet.protocol == tcp ? "tcp" : "udp",
                           text(packet.source, packet.family), packet.source_port,
                           text(packet.destination, packet.family), packet.destination_port);
    else
        out += fmt::format("echo {} > {} id {}", text(packet.source, packet.family),
                           text(packet.destination, packet.family), packet.source_port);
    if (packet.protocol == tcp)
        out += fmt::format(" flags {:#x}", packet.tcp_flags);
    return out + fmt::format(" length {} uid {} answers {}{}", length_of(packet), packet.uid,
                             packet.hops,
                             shot.chunk ? fmt::format(" in fragments of {}", shot.chunk) : "");
}

} // namespace nflab::witness

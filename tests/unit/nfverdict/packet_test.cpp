// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/packet/packet.hpp"
#include "tests/catch.hpp"

#include <netinet/in.h>

#include <vector>

using namespace nflab;
using nfverdict::parse_packet;

namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes ipv4(std::uint8_t protocol, const Bytes& payload, std::uint16_t fragment = 0) {
    Bytes bytes{0x45,
                0,
                0,
                0,
                0x12,
                0x34,
                static_cast<std::uint8_t>(fragment >> 8),
                static_cast<std::uint8_t>(fragment),
                64,
                protocol,
                0,
                0,
                192,
                0,
                2,
                1,
                198,
                51,
                100,
                2};
    bytes.insert(bytes.end(), payload.begin(), payload.end());
    return bytes;
}

Bytes ipv6(std::uint8_t next, const Bytes& payload) {
    Bytes bytes(40);
    bytes[0] = 0x60;
    bytes[6] = next;
    bytes[8] = bytes[24] = 0xfd;
    bytes[23] = 1;
    bytes[39] = 2;
    bytes.insert(bytes.end(), payload.begin(), payload.end());
    return bytes;
}

verdict::Packet parsed(int family, const Bytes& bytes) {
    verdict::Packet packet;
    parse_packet(family, bytes, packet);
    return packet;
}

} // namespace

TEST_CASE("an IPv4 UDP packet has addresses and ports") {
    const auto packet = parsed(AF_INET, ipv4(IPPROTO_UDP, {0x9c, 0x40, 0, 53, 0, 8, 0, 0}));
    CHECK(packet.family == AF_INET);
    CHECK(packet.protocol == IPPROTO_UDP);
    CHECK(packet.source == "192.0.2.1");
    CHECK(packet.destination == "198.51.100.2");
    CHECK(packet.source_port == 40000);
    CHECK(packet.destination_port == 53);
    CHECK(packet.ip_id == 0x1234);
    CHECK(packet.icmp_type == -1);
}

TEST_CASE("options move the transport header") {
    Bytes bytes = ipv4(IPPROTO_TCP, {});
    bytes[0] = 0x46;
    const Bytes rest{1, 1, 1, 1, 0, 80, 0, 81, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, 0x12};
    bytes.insert(bytes.end(), rest.begin(), rest.end());
    const auto packet = parsed(AF_INET, bytes);
    CHECK(packet.source_port == 80);
    CHECK(packet.destination_port == 81);
    CHECK(packet.tcp_flags == 0x12);
}

TEST_CASE("an echo has id and sequence, another ICMP message has not") {
    const auto echo = parsed(AF_INET, ipv4(IPPROTO_ICMP, {8, 0, 0, 0, 0, 7, 0, 3}));
    CHECK(echo.icmp_type == 8);
    CHECK(echo.icmp_code == 0);
    CHECK(echo.icmp_id == 7);
    CHECK(echo.icmp_sequence == 3);
    const auto unreachable = parsed(AF_INET, ipv4(IPPROTO_ICMP, {3, 3, 0, 0, 0, 7, 0, 3}));
    CHECK(unreachable.icmp_type == 3);
    CHECK(unreachable.icmp_code == 3);
    CHECK(unreachable.icmp_id == 0);
}

TEST_CASE("a later fragment has no ports, the first one has") {
    const Bytes udp{0x9c, 0x40, 0, 53, 0, 8, 0, 0};
    CHECK(parsed(AF_INET, ipv4(IPPROTO_UDP, udp, 0x2000)).destination_port == 53);
    CHECK(parsed(AF_INET, ipv4(IPPROTO_UDP, udp, 0x00b9)).destination_port == 0);
}

TEST_CASE("IPv6 extension headers are walked") {
    const Bytes udp{0x9c, 0x40, 0, 53, 0, 8, 0, 0};
    Bytes hops{IPPROTO_UDP, 0, 1, 4, 0, 0, 0, 0};
    hops.insert(hops.end(), udp.begin(), udp.end());
    const auto packet = parsed(AF_INET6, ipv6(IPPROTO_HOPOPTS, hops));
    CHECK(packet.protocol == IPPROTO_UDP);
    CHECK(packet.source == "fd00::1");
    CHECK(packet.destination == "fd00::2");
    CHECK(packet.destination_port == 53);

    Bytes later{IPPROTO_UDP, 0, 0x05, 0xa8, 0, 0, 0, 1};
    later.insert(later.end(), udp.begin(), udp.end());
    CHECK(parsed(AF_INET6, ipv6(IPPROTO_FRAGMENT, later)).destination_port == 0);
}

TEST_CASE("short and strange bytes leave the rest unknown") {
    CHECK(parsed(AF_INET, {}).source.empty());
    CHECK(parsed(AF_INET, {0x45, 0, 0}).source.empty());
    CHECK(parsed(AF_INET, ipv6(IPPROTO_UDP, {})).source.empty());
    CHECK(parsed(AF_INET, ipv4(IPPROTO_UDP, {1, 2})).destination_port == 0);
    CHECK(parsed(0, ipv4(IPPROTO_UDP, {})).family == 0);
    CHECK(parsed(AF_INET6, ipv6(IPPROTO_ROUTING, {IPPROTO_UDP, 200, 0, 0, 0, 0, 0, 0}))
              .destination_port == 0);
}

TEST_CASE("bytes that end before addresses, ports or a type") {
    using nfverdict::ends_early;
    CHECK(ends_early(parsed(AF_INET, {})));
    CHECK(ends_early(parsed(AF_INET, ipv4(IPPROTO_UDP, {}))));
    CHECK(ends_early(parsed(AF_INET, ipv4(IPPROTO_ICMP, {}))));
    CHECK(ends_early(parsed(AF_INET6, ipv6(IPPROTO_HOPOPTS, {}))));
    CHECK_FALSE(ends_early(parsed(AF_INET, ipv4(IPPROTO_UDP, {0, 1, 0, 2}))));
    CHECK_FALSE(ends_early(parsed(AF_INET, ipv4(IPPROTO_ICMP, {8, 0}))));
    CHECK_FALSE(ends_early(parsed(AF_INET, ipv4(IPPROTO_UDP, {}, 0x0001)))); // a later fragment
    CHECK_FALSE(ends_early(parsed(AF_INET, ipv4(IPPROTO_GRE, {}))));
    CHECK_FALSE(ends_early(parsed(0, {}))); // no IP packet
}

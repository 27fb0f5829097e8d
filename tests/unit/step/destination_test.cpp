// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/step/destination.hpp"
#include "tests/catch.hpp"

using nflab::scenario::Protocol;
using nflab::step::parse_destination;

TEST_CASE("destinations as people write them") {
    const auto ping = parse_destination("server");
    CHECK(ping.protocol == Protocol::icmp);
    CHECK(ping.to == "server");
    const auto tcp = parse_destination("server:80/tcp");
    CHECK(tcp.protocol == Protocol::tcp);
    CHECK(tcp.port == 80);
    CHECK(parse_destination("192.0.2.1:53/udp").protocol == Protocol::udp);
    CHECK(parse_destination("server:8080").protocol == Protocol::tcp);
    const auto six = parse_destination("[2001:db8::1]:443/tcp");
    CHECK(six.to == "2001:db8::1");
    CHECK(six.port == 443);
    CHECK(six.ipv6);
    CHECK(parse_destination("2001:db8::1").protocol == Protocol::icmp);
}

TEST_CASE("destinations that mean nothing are refused") {
    for (const char* text : {"", ":80/tcp", "server:0/tcp", "server:99999/udp", "server/tcp",
                             "server:80/quic", "[2001:db8::1", "server:http/tcp"})
        CHECK_THROWS_AS(parse_destination(text), nflab::Error);
}

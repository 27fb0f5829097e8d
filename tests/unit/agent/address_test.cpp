// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/init/address.hpp"
#include "tests/catch.hpp"

#include <sys/socket.h>

using namespace nflab::agent;

TEST_CASE("hardware addresses") {
    CHECK(parse_mac("52:54:00:aB:00:ff") == Mac{0x52, 0x54, 0, 0xab, 0, 0xff});
    for (const char* wrong : {"", "52:54:00:ab:00", "52:54:00:ab:00:f", "52-54-00-ab-00-ff",
                              "52:54:00:ab:00:fg", "52:54:00:ab:00:ff:00", "+1:54:00:ab:00:ff"})
        CHECK_FALSE(parse_mac(wrong));
}

TEST_CASE("addresses with their prefix length") {
    const auto v4 = parse_prefix("192.0.2.1/24");
    REQUIRE(v4);
    CHECK(v4->family == AF_INET);
    CHECK(v4->length == 24);
    CHECK(v4->address() == std::string_view("\xc0\x00\x02\x01", 4));
    const auto v6 = parse_prefix("fd00::1/64");
    REQUIRE(v6);
    CHECK(v6->family == AF_INET6);
    CHECK(v6->address().size() == 16);
    CHECK(parse_prefix("192.0.2.1")->length == 32);
    CHECK(parse_prefix("::1")->length == 128);
    CHECK(parse_prefix("0.0.0.0/0")->length == 0);
    for (const char* wrong : {"", "/24", "192.0.2/24", "192.0.2.1/33", "192.0.2.1/", "::1/129",
                              "192.0.2.1/-1", "192.0.2.1/24 ", "host/24"})
        CHECK_FALSE(parse_prefix(wrong));
}

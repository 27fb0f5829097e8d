// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/address.hpp"
#include "tests/catch.hpp"

using nflab::scenario::Address;
using nflab::scenario::Subnet;

TEST_CASE("addresses in their shortest form") {
    CHECK(Address::parse("10.0.0.1")->text() == "10.0.0.1");
    CHECK(Address::parse("FD00:0:0:0:0::1")->text() == "fd00::1");
    CHECK(Address::parse("::ffff:10.0.0.1")->ipv6());
    for (const auto* text : {"", "10.0.0", "10.0.0.256", "10.0.0.1/24", "fd00::g", "fe80::1%eth0",
                             " 10.0.0.1", "localhost"}) {
        INFO(text);
        CHECK_FALSE(Address::parse(text));
    }
}

TEST_CASE("subnets know their ends and what is inside") {
    const auto subnet = Subnet::parse("192.168.4.77/26");
    REQUIRE(subnet);
    CHECK(subnet->first().text() == "192.168.4.64");
    CHECK(subnet->last().text() == "192.168.4.127");
    CHECK(subnet->contains(*Address::parse("192.168.4.127")));
    CHECK_FALSE(subnet->contains(*Address::parse("192.168.4.128")));
    CHECK_FALSE(subnet->contains(*Address::parse("::1")));
    CHECK(Subnet::parse("fd00::1/64")->last().text() == "fd00::ffff:ffff:ffff:ffff");
    CHECK(Subnet::parse("0.0.0.0/0")->contains(*Address::parse("255.255.255.255")));
    CHECK_FALSE(Subnet::parse("10.0.0.0/31")->reserves_ends());
    CHECK(Subnet::parse("10.0.0.0/30")->reserves_ends());
    CHECK_FALSE(Subnet::parse("fd00::/127")->reserves_ends());
    for (const auto* text : {"10.0.0.0", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "fd00::/129",
                             "10.0.0.0/8/8", "/8"}) {
        INFO(text);
        CHECK_FALSE(Subnet::parse(text));
    }
}

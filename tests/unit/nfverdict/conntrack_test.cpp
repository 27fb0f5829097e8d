// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/packet/conntrack.hpp"
#include "tests/catch.hpp"

#include <netinet/in.h>

#include <algorithm>
#include <array>

using namespace nflab;
using nfverdict::ConntrackLayout;
using nfverdict::parse_conntrack;

namespace {

constexpr ConntrackLayout layout{16, 56, 16};
constexpr std::uint64_t address = 0xffff888012345600;

void put_tuple(std::array<std::uint8_t, 192>& conn, std::size_t at,
               std::array<std::uint8_t, 4> source, std::uint16_t source_port,
               std::array<std::uint8_t, 4> destination, std::uint16_t destination_port,
               std::uint8_t direction) {
    std::copy(source.begin(), source.end(), &conn[at]);
    conn[at + 16] = static_cast<std::uint8_t>(source_port >> 8);
    conn[at + 17] = static_cast<std::uint8_t>(source_port);
    conn[at + 18] = AF_INET;
    std::copy(destination.begin(), destination.end(), &conn[at + 20]);
    conn[at + 36] = static_cast<std::uint8_t>(destination_port >> 8);
    conn[at + 37] = static_cast<std::uint8_t>(destination_port);
    conn[at + 38] = IPPROTO_UDP;
    conn[at + 39] = direction;
}

} // namespace

TEST_CASE("both tuples of an entry, with the source translated") {
    std::array<std::uint8_t, 192> conn{};
    put_tuple(conn, 32, {10, 0, 1, 2}, 4000, {10, 0, 2, 2}, 53, 0);
    put_tuple(conn, 88, {10, 0, 2, 2}, 53, {10, 0, 2, 1}, 4000, 1);
    const auto entry = parse_conntrack(address | 2, conn, layout);
    REQUIRE(entry);
    CHECK(entry->id == address);
    CHECK(entry->state == "new");
    REQUIRE(entry->original);
    REQUIRE(entry->reply);
    CHECK(entry->original->source == "10.0.1.2");
    CHECK(entry->original->destination_port == 53);
    CHECK(entry->reply->destination == "10.0.2.1");
    CHECK(entry->reply->destination_port == 4000);
}

TEST_CASE("states are those of the packet") {
    const std::array<std::uint8_t, 192> conn{};
    CHECK(parse_conntrack(address, conn, layout)->state == "established");
    CHECK(parse_conntrack(address | 1, conn, layout)->state == "related");
    CHECK(parse_conntrack(address | 3, conn, layout)->state == "reply");
    CHECK(parse_conntrack(address | 4, conn, layout)->state == "related");
    CHECK(parse_conntrack(7, conn, layout)->state == "untracked");
    CHECK_FALSE(parse_conntrack(0, conn, layout));
}

TEST_CASE("bytes that are no tuples, or an unknown layout, give no tuples") {
    std::array<std::uint8_t, 192> conn{};
    CHECK_FALSE(parse_conntrack(address, conn, layout)->original);
    put_tuple(conn, 32, {10, 0, 1, 2}, 1, {10, 0, 2, 2}, 2, 0);
    CHECK_FALSE(parse_conntrack(address, conn, layout)->original);
    put_tuple(conn, 88, {10, 0, 2, 2}, 2, {10, 0, 1, 2}, 1, 1);
    CHECK(parse_conntrack(address, conn, layout)->original);
    CHECK_FALSE(parse_conntrack(address, conn, {})->original);
    CHECK_FALSE(parse_conntrack(address, conn, ConntrackLayout{180, 56, 16})->original);
}

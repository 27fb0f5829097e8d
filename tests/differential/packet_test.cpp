// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/catch.hpp"
#include "tests/differential/evidence.hpp"
#include "tests/differential/generate.hpp"
#include "tests/differential/marker.hpp"

using namespace nflab::witness;

TEST_CASE("what is built can be read again") {
    Random random(7);
    for (const Shot& shot : make_packets(random, 300)) {
        const Bytes bytes = build(shot.packet);
        const auto read = parse(bytes.data(), bytes.size());
        REQUIRE(read);
        Packet expected = shot.packet;
        if (expected.protocol != 6)
            expected.tcp_flags = read->tcp_flags;
        CHECK(*read == expected);
    }
}

TEST_CASE("an answer goes back, and is told from what it answers") {
    Packet packet;
    packet.source = address("192.0.2.1");
    packet.destination = address("192.0.2.2");
    packet.source_port = 1000;
    packet.destination_port = 80;
    packet.uid = 17;
    packet.hops = 2;
    const auto back = answer(packet);
    REQUIRE(back);
    CHECK(text(back->source, 4) == "192.0.2.2");
    CHECK(back->tcp_flags == (tcp_syn | tcp_ack));
    CHECK(back->step == 1);
    CHECK(build(*back) != build(packet));
    CHECK_FALSE(answer(*answer(*back)));
}

TEST_CASE("fragments carry the whole payload") {
    Packet packet;
    packet.family = GENERATE(4, 6);
    packet.protocol = 17;
    packet.padding = 500;
    const Bytes whole = build(packet);
    std::size_t payload = 0;
    const auto pieces = fragment(whole, 128, 5);
    CHECK(pieces.size() > 2);
    for (const Bytes& piece : pieces) {
        CHECK_FALSE(parse(piece.data(), piece.size()));
        CHECK(seen_in(piece).length == piece.size());
        payload += piece.size() - (packet.family == 4 ? 20 : 48);
    }
    CHECK(payload == whole.size() - (packet.family == 4 ? 20 : 40));
}

TEST_CASE("no two packets of a batch have the same name") {
    Random random(3);
    const auto shots = make_packets(random, 1000);
    const Names names(shots);
    std::map<Key, int> keys;
    for (std::size_t i = 0; i < shots.size(); ++i) {
        if (shots[i].arp)
            continue;
        const Seen seen = seen_in(build(shots[i].packet));
        CHECK(names.shot(seen) == static_cast<int>(i));
        CHECK(++keys[names.key(seen)] == 1);
    }
}

TEST_CASE("a marker is read back, and no packet is one") {
    const Bytes bytes = to_frame({70000, 3}, {1, 2, 3, 4, 5, 6}, {6, 5, 4, 3, 2, 1});
    const auto marker = marker_in(bytes.data(), bytes.size());
    REQUIRE(marker);
    CHECK(marker->number == 70000);
    CHECK(marker->crossings == 3);
    for (std::uint32_t number = 0; number < 256; ++number) {
        const Bytes each = to_frame({number, 0}, {}, {});
        CHECK(seen_in(Bytes(each.begin() + 14, each.end())).family == 0);
    }
    const Bytes other = frame({}, {}, build(Packet{}));
    CHECK_FALSE(marker_in(other.data(), other.size()));
    CHECK_FALSE(marker_in(bytes.data(), 20));
}

TEST_CASE("what the router makes itself is no packet of the test, whatever its identification") {
    Shot shot;
    shot.packet.uid = 64;
    shot.packet.protocol = 1;
    shot.packet.hops = 1;
    const Names names({shot});
    Seen seen;
    seen.family = 4;
    seen.protocol = 1;
    seen.icmp_type = 0;
    seen.identification = 64 | 1 << 13;
    seen.length = length_of(shot.packet);
    CHECK(names.shot(seen) == 0);
    seen.length += 7;
    CHECK(names.shot(seen) == -1);
    seen.length -= 7;
    seen.identification = 64 | 2 << 13;
    CHECK(names.shot(seen) == -1);
}

TEST_CASE("an error of the router is asked about, whatever its identification") {
    Seen seen;
    seen.family = 4;
    seen.protocol = 17;
    seen.identification = last_identification;
    CHECK(Names::noise(seen));
    seen.protocol = 1;
    seen.icmp_type = 3;
    CHECK_FALSE(Names::noise(seen));
}

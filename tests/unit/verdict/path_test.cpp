// SPDX-License-Identifier: GPL-2.0-or-later
#include "sample.hpp"
#include "tests/catch.hpp"

using namespace nflab::verdict;
using namespace nflab::verdict::sample;

TEST_CASE("records of one packet make one path in order of time") {
    const auto paths = assemble({ping(1, SentPacket::Result::timeout)},
                                {policy_drop(), nft_accept()}, no_distance);
    REQUIRE(paths.size() == 1);
    REQUIRE(paths[0].sent == 0U);
    REQUIRE_FALSE(paths[0].reply);
    REQUIRE(paths[0].records.size() == 2);
    CHECK(paths[0].records[0].engine == "nft");
    REQUIRE(paths[0].end() != nullptr);
    CHECK(paths[0].end()->engine == "iptables");
}

TEST_CASE("packets are told apart by their sequence number") {
    auto second_accept = nft_accept(300, 2);
    auto second_drop = policy_drop(400, 2);
    second_accept.packet.icmp_sequence = second_drop.packet.icmp_sequence = 2;
    const auto paths =
        assemble({ping(1, SentPacket::Result::timeout), ping(2, SentPacket::Result::timeout)},
                 {nft_accept(), second_drop, policy_drop(), second_accept}, no_distance);
    REQUIRE(paths.size() == 2);
    CHECK(paths[0].sent == 0U);
    CHECK(paths[1].sent == 1U);
    CHECK(paths[1].records.back().packet.icmp_sequence == 2);
}

TEST_CASE("an sk_buff address that is used again is another packet") {
    auto again = nft_accept(300, 1);
    again.packet.icmp_sequence = 2;
    const auto paths =
        assemble({ping(1, SentPacket::Result::timeout), ping(2, SentPacket::Result::timeout)},
                 {nft_accept(), policy_drop(), again}, no_distance);
    REQUIRE(paths.size() == 2);
    CHECK(paths[0].records.size() == 2);
    CHECK(paths[1].records.size() == 1);
}

TEST_CASE("packets of one flow that pass with the same sk_buff stay apart") {
    std::vector<SentPacket> sent;
    std::vector<Record> records;
    for (std::uint16_t sequence = 1; sequence <= 3; ++sequence) {
        sent.push_back(ping(sequence, SentPacket::Result::replied));
        for (const char* table : {"nat", "filter"}) {
            Record record = nft_accept(100U * sequence, 1);
            record.table = table;
            record.packet.icmp_sequence = sequence;
            records.push_back(record);
        }
    }
    const auto paths = assemble(sent, records, no_distance);
    REQUIRE(paths.size() == 3);
    for (const PacketPath& path : paths)
        CHECK(path.records.size() == 2);
}

TEST_CASE("identical datagrams are apart because a chain decides about each once") {
    Record first = nft_accept(100, 1);
    Record second = nft_accept(200, 1);
    CHECK(assemble({}, {first, second}, no_distance).size() == 2);
    second.table = "other";
    CHECK(assemble({}, {first, second}, no_distance).size() == 1);
}

TEST_CASE("a reply is a path of its own, found through the translation") {
    Record request = nft_accept();
    Record reply = seen(500, 9, "forward", "nft", "accept");
    reply.packet.source = "10.53.134.11";
    reply.packet.destination = "10.53.134.1";
    reply.packet.icmp_type = 0;
    reply.packet.icmp_id = 1234;
    reply.conntrack.emplace();
    reply.conntrack->original = Tuple{"192.168.4.110", "10.53.134.11", 77, 77};
    reply.conntrack->reply = Tuple{"10.53.134.11", "10.53.134.1", 1234, 1234};
    const auto paths =
        assemble({ping(1, SentPacket::Result::replied)}, {request, reply}, no_distance);
    REQUIRE(paths.size() == 2);
    CHECK_FALSE(paths[0].reply);
    CHECK(paths[1].reply);
    CHECK(paths[1].sent == 0U);
}

TEST_CASE("one path crosses the nodes in the order of their distance") {
    Record far = nft_accept(1, 5); // its own clock is behind
    far.node = "router2";
    const auto distance = [](const std::string&, const std::string& node) {
        return node == "router" ? 1 : 2;
    };
    const auto paths =
        assemble({ping(1, SentPacket::Result::timeout)}, {far, nft_accept(900)}, distance);
    REQUIRE(paths.size() == 1);
    CHECK(paths[0].records[0].node == "router");
    CHECK(paths[0].records[1].node == "router2");
}

TEST_CASE(
    "packets of one connection are joined across nodes by their headers, not by their order") {
    SentPacket connection = ping(0, SentPacket::Result::timeout);
    connection.protocol = "tcp";
    connection.source_port = 4000;
    connection.destination_port = 80;
    const auto segment = [](const char* node, std::uint64_t time, std::uint16_t ip_id) {
        Record record = nft_accept(time, time);
        record.node = node;
        record.packet.protocol = 6;
        record.packet.icmp_type = -1;
        record.packet.icmp_id = record.packet.icmp_sequence = 0;
        record.packet.source_port = 4000;
        record.packet.destination_port = 80;
        record.packet.ip_id = ip_id;
        return record;
    };
    const auto distance = [](const std::string&, const std::string& node) {
        return node == "near" ? 1 : 2;
    };
    // The first one was lost between the routers.
    const auto paths =
        assemble({connection},
                 {segment("near", 10, 1), segment("near", 20, 2), segment("far", 5, 2)}, distance);
    REQUIRE(paths.size() == 2);
    CHECK(paths[0].records.size() + paths[1].records.size() == 3);
    const PacketPath& whole = paths[0].records.size() == 2 ? paths[0] : paths[1];
    CHECK(whole.records[0].node == "near");
    CHECK(whole.records[1].node == "far");
    CHECK(whole.records[0].packet.ip_id == 2);
}

TEST_CASE("datagrams of one flow are matched in the order sent") {
    const auto datagram = [](SentPacket::Result result) {
        SentPacket packet = ping(0, result);
        packet.protocol = "udp";
        packet.icmp_id = 0;
        packet.source_port = 4000;
        packet.destination_port = 53;
        return packet;
    };
    const auto record = [](std::uint64_t time, std::uint64_t skb) {
        Record udp = nft_accept(time, skb);
        udp.packet.protocol = 17;
        udp.packet.icmp_type = -1;
        udp.packet.icmp_id = udp.packet.icmp_sequence = 0;
        udp.packet.source_port = 4000;
        udp.packet.destination_port = 53;
        return udp;
    };
    const auto paths =
        assemble({datagram(SentPacket::Result::timeout), datagram(SentPacket::Result::timeout)},
                 {record(10, 1), record(20, 2)}, no_distance);
    REQUIRE(paths.size() == 2);
    CHECK(paths[0].sent == 0U);
    CHECK(paths[0].records[0].time_ns == 10);
    CHECK(paths[1].sent == 1U);
}

TEST_CASE("what nobody sent stays without a sender") {
    Record stray = nft_accept();
    stray.packet.icmp_id = 5;
    const auto paths = assemble({ping(1, SentPacket::Result::timeout)}, {stray}, no_distance);
    REQUIRE(paths.size() == 1);
    CHECK_FALSE(paths[0].sent.has_value());
}

TEST_CASE("a copy is another path that names the one it is a copy of") {
    Record before = nft_accept(100, 1);
    before.hook = "prerouting";
    Record copy = nft_accept(150, 2);
    copy.hook = "output";
    copy.packet.ip_id = 9;
    before.packet.ip_id = 9;
    Record after = nft_accept(200, 1);
    after.packet.ip_id = 9;
    const auto paths = assemble({}, {before, copy, after}, no_distance);
    REQUIRE(paths.size() == 2);
    const PacketPath& original = paths[0].cause ? paths[1] : paths[0];
    const PacketPath& second = paths[0].cause ? paths[0] : paths[1];
    REQUIRE(second.cause.has_value());
    CHECK(second.cause->kind == Cause::Kind::copy);
    CHECK_FALSE(original.cause.has_value());
    CHECK(original.records.size() == 2);
}

TEST_CASE("addresses that a rule rewrites without conntrack do not end a path") {
    Record before = nft_accept(100, 1);
    Record after = nft_accept(200, 1);
    before.packet.ip_id = after.packet.ip_id = 77;
    after.table = "other";
    after.packet.destination = "10.53.134.99";
    CHECK(assemble({}, {before, after}, no_distance).size() == 1);
}

TEST_CASE("what user space gives back goes on") {
    Record queued = nft_accept(100, 1);
    queued.verdict = "queue";
    Record later = nft_accept(5'000'000'000, 1);
    later.hook = "postrouting";
    const auto paths = assemble({}, {queued, later}, no_distance);
    REQUIRE(paths.size() == 1);
    CHECK(paths[0].end() == nullptr);
    CHECK(assemble({}, {queued}, no_distance).at(0).end() != nullptr);
}

TEST_CASE("hook functions stand among the chains of their hook, though the clock stood still") {
    const auto at = [](const char* hook, int priority, const char* function) {
        Record record = nft_accept(400, 1);
        record.hook = hook;
        record.priority = priority;
        if (function) {
            record.method = "hook";
            record.rule_kind = RuleKind::none;
            record.verdict = "continue";
            record.function = function;
            record.time_ns -= 1; // as nfverdict puts what ran before a chain
        }
        return record;
    };
    const auto paths = assemble(
        {ping(1, SentPacket::Result::timeout)},
        {at("forward", -150, nullptr), at("forward", 0, nullptr), at("postrouting", -150, nullptr),
         at("postrouting", 100, nullptr), at("postrouting", -225, "apparmor_ip_postroute"),
         at("postrouting", 2147483647, "nf_confirm"), at("forward", -100, "between")},
        no_distance);
    REQUIRE(paths.size() == 1);
    std::vector<std::pair<std::string, int>> order;
    for (const Record& record : paths[0].records)
        order.emplace_back(record.hook, *record.priority);
    const std::vector<std::pair<std::string, int>> expected = {
        {"forward", -150},          {"forward", -100},     {"forward", 0},
        {"postrouting", -225},      {"postrouting", -150}, {"postrouting", 100},
        {"postrouting", 2147483647}};
    CHECK(order == expected);
}

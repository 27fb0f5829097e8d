// SPDX-License-Identifier: GPL-2.0-or-later
#include "sample.hpp"
#include "tests/catch.hpp"

#include <netinet/in.h>

using namespace nflab::verdict;
using namespace nflab::verdict::sample;

namespace {

// A UDP datagram as the router sees it.
Record datagram(std::uint64_t skb, std::uint32_t ip_id) {
    Record record = nft_accept(100 * skb, skb);
    record.packet.protocol = IPPROTO_UDP;
    record.packet.icmp_type = record.packet.icmp_code = -1;
    record.packet.icmp_id = record.packet.icmp_sequence = 0;
    record.packet.source_port = 4000;
    record.packet.destination_port = 53;
    record.packet.ip_id = ip_id;
    return record;
}

// The same, sent as it is written.
SentPacket raw(const Packet& header) {
    SentPacket sent = ping(0, SentPacket::Result::timeout);
    sent.protocol = "udp";
    sent.icmp_id = 0;
    sent.source_port = header.source_port;
    sent.destination_port = header.destination_port;
    sent.header = header;
    return sent;
}

} // namespace

TEST_CASE("raw packets of one flow are told apart by their identification, in any order") {
    const Record first = datagram(1, 7);
    const Record second = datagram(2, 8);
    const auto paths =
        assemble({raw(second.packet), raw(first.packet)}, {first, second}, no_distance);
    REQUIRE(paths.size() == 2);
    CHECK(paths[0].sent == 0U);
    CHECK(paths[0].records[0].packet.ip_id == 8);
    CHECK(paths[0].doubts.empty());
    CHECK(paths[1].sent == 1U);
    CHECK(paths[1].doubts.empty());
}

TEST_CASE("another datagram of the same flow is not the one that was sent") {
    const auto paths = assemble({raw(datagram(1, 7).packet)}, {datagram(1, 9)}, no_distance);
    REQUIRE(paths.size() == 1);
    CHECK_FALSE(paths[0].sent.has_value());
}

TEST_CASE("a raw packet is found behind address translation") {
    Record record = datagram(1, 7);
    const Packet header = record.packet;
    record.packet.source = "10.53.134.1";
    record.packet.source_port = 1024;
    Conntrack conntrack;
    conntrack.state = "new";
    conntrack.original = Tuple{header.source, header.destination, 4000, 53};
    conntrack.reply = Tuple{header.destination, "10.53.134.1", 53, 1024};
    record.conntrack = conntrack;
    const auto paths = assemble({raw(header)}, {record}, no_distance);
    REQUIRE(paths.size() == 1);
    CHECK(paths[0].sent == 0U);
    CHECK_FALSE(paths[0].reply);
}

TEST_CASE("a fragment without ports belongs to the datagram that was sent") {
    const Packet header = datagram(1, 7).packet;
    Record piece = datagram(1, 7);
    piece.packet.source_port = piece.packet.destination_port = 0;
    piece.packet.fragment_offset = 800;
    const auto paths = assemble({raw(header)}, {piece}, no_distance);
    REQUIRE(paths.size() == 1);
    CHECK(paths[0].sent == 0U);
}

TEST_CASE("ARP is matched by sender and target") {
    Record request = nft_accept();
    request.packet.family = 0;
    request.packet.protocol = 0;
    request.packet.icmp_type = -1;
    request.packet.icmp_id = request.packet.icmp_sequence = 0;
    request.packet.ethertype = 0x0806;
    request.packet.arp_operation = 1;
    SentPacket sent = raw(request.packet);
    sent.protocol = "arp";
    Record other = request;
    other.packet.destination = "10.53.134.99";
    other.packet.skb = 2;
    other.time_ns = 300;
    const auto paths = assemble({sent}, {request, other}, no_distance);
    REQUIRE(paths.size() == 2);
    CHECK(paths[0].sent == 0U);
    CHECK(paths[0].records[0].packet.destination == "10.53.134.11");
    CHECK_FALSE(paths[1].sent.has_value());
}

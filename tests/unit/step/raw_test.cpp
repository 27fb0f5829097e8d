// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/packet/hex.hpp"
#include "harness/pcap/decode.hpp"
#include "harness/step/iperf3_report.hpp"
#include "harness/step/link_route.hpp"
#include "harness/step/raw_answer.hpp"
#include "harness/step/raw_packets.hpp"
#include "harness/verdict/packet.hpp"
#include "tests/catch.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

using namespace nflab;
using namespace nflab::step;
using packet::Header;

namespace {

RawContext context() {
    RawContext context;
    context.node = "client";
    context.destination = "198.51.100.2";
    context.link.interface = "eth0";
    context.link.source = "192.0.2.1";
    context.link.own_mac = {2, 0, 0, 0, 0, 1};
    context.link.next_mac = {2, 0, 0, 0, 0, 2};
    context.run = 0x12345678;
    return context;
}

scenario::RawPacket packet_of(Header header) {
    scenario::RawPacket raw;
    raw.layers.resize(2);
    raw.layers[0].header = Header::ipv4;
    raw.layers[1].header = header;
    return raw;
}

// The other side's packet, with what would make it an answer.
verdict::Packet answer(const verdict::SentPacket& sent) {
    verdict::Packet came = *sent.header;
    std::swap(came.source, came.destination);
    std::swap(came.source_port, came.destination_port);
    return came;
}

} // namespace

TEST_CASE("packets of one entry differ where nobody has chosen") {
    auto raw = packet_of(Header::udp);
    raw.layers[1].numbers["port"] = 53;
    const RawFrames first = raw_frames(raw, 30, 0, context());
    const RawFrames second = raw_frames(raw, 30, 1, context());
    REQUIRE(first.frames.size() == 1);
    CHECK(packet::to_hex(first.frames[0]).substr(0, 28) == "0200000000020200000000010800");
    CHECK(first.sent.protocol == "udp");
    CHECK(first.sent.source == "192.0.2.1");
    CHECK(first.sent.destination == "198.51.100.2");
    CHECK(first.sent.destination_port == 53);
    CHECK(first.sent.header->payload == 30);
    CHECK(first.sent.stamp == verdict::Stamp{0x12345678, 0});
    CHECK(second.sent.stamp == verdict::Stamp{0x12345678, 1});
    CHECK(second.sent.source_port == first.sent.source_port + 1);
    CHECK(second.sent.header->ip_id == first.sent.header->ip_id + 1);
}

TEST_CASE("what was chosen is left, and counts up") {
    auto raw = packet_of(Header::icmp);
    raw.layers[0].numbers["id"] = 0xffff;
    raw.layers[0].bytes["source"] = {203, 0, 113, 9};
    raw.layers[1].numbers["sequence"] = 5;
    const RawFrames second = raw_frames(raw, 0, 1, context());
    CHECK(second.sent.source == "203.0.113.9");
    CHECK(second.sent.header->ip_id == 0);
    CHECK(second.sent.icmp_sequence == 6);
    CHECK_FALSE(second.sent.stamp);
}

TEST_CASE("fragments are of one packet") {
    auto raw = packet_of(Header::udp);
    raw.fragment_size = 24;
    const RawFrames made = raw_frames(raw, 56, 0, context());
    REQUIRE(made.frames.size() == 3);
    CHECK(made.sent.stamp.has_value());
    const auto last = pcap::decode_frame(made.frames[2]);
    CHECK(last.fragment_offset == 48);
    CHECK_FALSE(last.more_fragments);
    CHECK(last.ip_id == made.sent.header->ip_id);
}

TEST_CASE("an ARP request goes to everybody and asks for what it is sent to") {
    scenario::RawPacket raw;
    raw.layers.resize(1);
    raw.layers[0].header = Header::arp;
    const RawFrames made = raw_frames(raw, 0, 0, context());
    CHECK(packet::to_hex(made.frames[0]).substr(0, 12) == "ffffffffffff");
    CHECK(made.sent.protocol == "arp");
    CHECK(verdict::describe(*made.sent.header) == "arp request 192.0.2.1 -> 198.51.100.2");
    verdict::Packet reply = answer(made.sent);
    CHECK_FALSE(answer_to(made.sent, reply));
    reply.arp_operation = 2;
    REQUIRE(answer_to(made.sent, reply));
    CHECK(answer_to(made.sent, reply)->reply);
}

TEST_CASE("bytes are sent as they stand") {
    scenario::RawPacket raw;
    raw.whole = packet::from_hex("45000014000100004011 0000 0a000001 0a000002");
    const RawFrames made = raw_frames(raw, 0, 7, context());
    CHECK(packet::to_hex(made.frames[0]) == "020000000002020000000001"
                                            "0800"
                                            "45000014000100004011"
                                            "0000"
                                            "0a000001"
                                            "0a000002");
    CHECK(made.sent.source == "10.0.0.1");
}

TEST_CASE("what answers a raw packet") {
    const auto syn = raw_frames(packet_of(Header::tcp), 0, 0, context()).sent;
    verdict::Packet came = answer(syn);
    came.tcp_flags = 0x12;
    REQUIRE(answer_to(syn, came));
    CHECK(answer_to(syn, came)->reply);
    came.tcp_flags = 0x14;
    REQUIRE(answer_to(syn, came));
    CHECK_FALSE(answer_to(syn, came)->reply);
    CHECK(answer_to(syn, came)->refusal == "reset, says 198.51.100.2");
    came.source_port = 1;
    CHECK_FALSE(answer_to(syn, came));

    verdict::Packet error;
    error.family = AF_INET;
    error.protocol = IPPROTO_ICMP;
    error.source = "10.0.0.9";
    error.icmp_type = 3;
    error.icmp_code = 13;
    error.quoted = verdict::QuotedPacket{
        IPPROTO_TCP, syn.source, syn.destination,  syn.source_port, syn.destination_port,
        0,           0,          syn.header->ip_id};
    REQUIRE(answer_to(syn, error));
    CHECK(answer_to(syn, error)->refusal ==
          "communication administratively prohibited, says 10.0.0.9");
    error.quoted->ip_id ^= 1;
    CHECK_FALSE(answer_to(syn, error));

    const auto echo = raw_frames(packet_of(Header::icmp), 0, 0, context()).sent;
    came = answer(echo);
    CHECK_FALSE(answer_to(echo, came)); // our own request, sent back
    came.icmp_type = 0;
    REQUIRE(answer_to(echo, came));
    ++came.icmp_sequence;
    CHECK_FALSE(answer_to(echo, came));
}

TEST_CASE("what the node's routes say") {
    const auto direct = parse_route(
        R"([{"dst":"10.9.0.2","dev":"a","prefsrc":"10.9.0.1","flags":[]}])", "10.9.0.2");
    REQUIRE(direct);
    CHECK(direct->interface == "a");
    CHECK(direct->source == "10.9.0.1");
    CHECK(direct->next_hop == "10.9.0.2");
    CHECK(
        parse_route(R"([{"dst":"1.1.1.1","gateway":"10.9.0.9","dev":"a"}])", "1.1.1.1")->next_hop ==
        "10.9.0.9");
    CHECK(parse_route(R"([{"dst":"1.1.1.1","via":{"family":"inet6","host":"fe80::1"},"dev":"a"}])",
                      "1.1.1.1")
              ->next_hop == "fe80::1");
    const auto local = parse_route(R"([{"type":"local","dst":"10.9.0.1","dev":"lo"}])", "10.9.0.1");
    CHECK(local->next_hop.empty());
    CHECK(local->next_mac == packet::Bytes(6, 0));
    CHECK(packet::to_hex(
              parse_route(R"([{"type":"multicast","dev":"a"}])", "224.128.1.2")->next_mac) ==
          "01005e000102");
    CHECK(packet::to_hex(multicast_mac("ff02::1:ff00:7")) == "3333ff000007");
    CHECK_FALSE(parse_route("RTNETLINK answers: Network is unreachable", "1.1.1.1"));
}

TEST_CASE("what iperf3 reports") {
    TrafficOutcome outcome;
    outcome.from = "client";
    outcome.to = "server";
    CHECK_FALSE(read_iperf3_report(R"({"end":{"sum_sent":{"bytes":1250000,"retransmits":3},)"
                                   R"("sum_received":{"seconds":1.0,"bits_per_second":1e7}}})",
                                   outcome));
    CHECK(outcome.sent == 1'250'000);
    CHECK(outcome.retransmits == 3);
    CHECK(outcome.text == "iperf3: client to server 10.0 Mbit/s in 1.0 s, 3 retransmits");
    CHECK(read_iperf3_report(R"({"error":"unable to connect"})", outcome) == "unable to connect");
    CHECK(read_iperf3_report("", outcome) == "no report");
}

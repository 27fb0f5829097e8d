// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/catch.hpp"
#include "tests/unit/scenario/read_text.hpp"

#include <string>

using namespace nflab;
using packet::Header;
using scenario::Protocol;
using scenario::Send;

namespace {

Send sent(const std::string& entry) {
    const auto scenario =
        test::must_read(test::topology() + "steps:\n  - send: [{ " + entry + " }]\n");
    REQUIRE(scenario.steps.size() == 1);
    REQUIRE(scenario.steps[0].send.size() == 1);
    return scenario.steps[0].send[0];
}

} // namespace

TEST_CASE("connections begin and end as they are written") {
    CHECK(sent("tcp: server, from: client, port: 80, half_open: true").connection.half_open);
    CHECK(sent("tcp: server, from: client, port: 80, close: none").connection.close ==
          scenario::Connection::Close::none);
    CHECK(sent("tcp: server, from: client, port: 80, data: GET /").data == "GET /");
    CHECK(sent("sctp: server, from: client, port: 80").protocol == Protocol::sctp);
}

TEST_CASE("a raw packet is read header by header") {
    const Send tcp =
        sent("from: client, raw: { to: server, ethernet: { vlan: 5 }, tcp: { port: 80, "
             "flags: [syn, ack], sequence: 4294967295, checksum: bad, options: '0204 "
             "05b4' } }");
    REQUIRE(tcp.raw);
    CHECK(tcp.to == "server");
    CHECK(tcp.port == 80);
    CHECK(tcp.protocol == Protocol::tcp);
    CHECK(tcp.size == 0);
    CHECK_FALSE(tcp.listen);
    REQUIRE(tcp.raw->layers.size() == 3);
    CHECK(tcp.raw->layers[0].header == Header::ethernet);
    CHECK(tcp.raw->layers[1].header == Header::ipv4);
    const auto& layer = tcp.raw->layers[2];
    CHECK(layer.numbers.at("flags") == 0x12);
    CHECK(layer.numbers.at("sequence") == 4'294'967'295);
    CHECK(layer.bad_checksum);
    CHECK(layer.bytes.at("options") == packet::Bytes{2, 4, 5, 0xb4});
}

TEST_CASE("names of nodes, words and families in headers") {
    const Send udp = sent("from: client, listen: server, raw: { to: server, ip: { source: router, "
                          "df: true }, udp: { port: 53 } }");
    CHECK(udp.raw->layers[0].bytes.at("source").size() == 4);
    CHECK(udp.raw->layers[0].numbers.at("df") == 1);
    CHECK(udp.listen == "server");
    CHECK(udp.size == 56);
    const Send six =
        sent("from: router, raw: { to: server, icmpv6: { type: too-big, mtu: 1280 } }");
    CHECK(six.ipv6);
    CHECK(six.raw->layers[0].header == Header::ipv6);
    CHECK(six.raw->layers[1].numbers.at("type") == 2);
    const Send arp = sent("from: client, raw: { to: router, arp: { operation: reply, sender: "
                          "10.0.0.1 } }");
    CHECK(arp.protocol == Protocol::arp);
    CHECK(arp.raw->layers[0].numbers.at("operation") == 2);
    CHECK(arp.raw->layers[0].bytes.at("sender") == packet::Bytes{10, 0, 0, 1});
}

TEST_CASE("fragments of a raw packet") {
    const Send cut =
        sent("from: client, raw: { to: server, udp: { port: 9 }, payload_hex: 0102, "
             "fragments: [{ from: 0, size: 8 }, { from: 4, offset: 8, more: true }] }");
    CHECK(cut.raw->payload == packet::Bytes{1, 2});
    REQUIRE(cut.raw->pieces.size() == 2);
    CHECK_FALSE(cut.raw->pieces[0].at);
    CHECK(cut.raw->pieces[1].at == 8U);
    CHECK(cut.raw->pieces[1].more == true);
    CHECK(sent("from: client, raw: { to: server, hex: '45 00' }").raw->whole ==
          packet::Bytes{0x45, 0});
}

TEST_CASE("floods and measurements") {
    const Send flood = sent("flood: server, from: client, protocol: icmp, count: 50, rate: 100");
    REQUIRE(flood.flood);
    CHECK(flood.flood->rate == 100);
    CHECK(flood.protocol == Protocol::icmp);
    const Send iperf3 = sent("iperf3: server, from: client, protocol: udp, duration: 3s, bitrate: "
                             "2M, reverse: true");
    REQUIRE(iperf3.iperf3);
    CHECK(iperf3.protocol == Protocol::udp);
    CHECK(iperf3.iperf3->duration == std::chrono::seconds(3));
    CHECK(iperf3.iperf3->bitrate == "2M");
    CHECK(iperf3.iperf3->reverse);
}

TEST_CASE("captures have names, interfaces and filters with addresses") {
    const auto scenario = test::must_read(
        test::topology() +
        "steps:\n  - capture: [{ at: router, filter: src host client }, { at: server }]\n"
        "    send: [{ ping: server, from: client }]\n"
        "    expect: [{ capture: server, filter: dst host server, count: 1 }]\n");
    const auto& step = scenario.steps[0];
    REQUIRE(step.capture.size() == 2);
    CHECK(step.capture[0].name == "router");
    CHECK(step.capture[0].interface == "any");
    CHECK(step.capture[0].filter == "src host 10.0.0.2");
    CHECK(step.capture[1].interface == "eth0");
    REQUIRE(step.expect[0].capture);
    CHECK(step.expect[0].capture->filter == "dst host 10.0.1.11");
    CHECK(step.expect[0].count == 1);
}

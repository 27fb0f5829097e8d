// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/traffic/event.hpp"
#include "tests/catch.hpp"

#include <nlohmann/json.hpp>

#include <cerrno>

using namespace nflab::traffic;
using nlohmann::json;

TEST_CASE("every line is one JSON object") {
    Identity ping;
    ping.run = 9;
    ping.number = 4;
    ping.source = "192.0.2.1";
    ping.destination = "192.0.2.2";
    ping.icmp_id = 77;
    ping.icmp_sequence = 5;
    const std::string sent = sent_line(ping, 1'700'000'000'000'000'001);
    CHECK(sent.back() == '\n');
    CHECK(json::parse(sent) == json::parse(R"({"type":"sent","protocol":"icmp","run":9,"number":4,
        "source":"192.0.2.1","destination":"192.0.2.2","icmp_id":77,"icmp_sequence":5,
        "time_ns":1700000000000000001})"));
    CHECK(json::parse(reply_line(ping, 12))["rtt_us"] == 12);
    CHECK(json::parse(timeout_line(ping))["type"] == "timeout");

    Identity tcp = ping;
    tcp.protocol = Protocol::tcp;
    tcp.source_port = 4000;
    tcp.destination_port = 80;
    const json failed =
        json::parse(failed_line(tcp, {EHOSTUNREACH, "a \"word\"", "192.0.2.9", 3, 1}));
    CHECK(failed == json::parse(R"({"type":"failed","protocol":"tcp","run":9,"number":4,
        "source":"192.0.2.1","destination":"192.0.2.2","source_port":4000,"destination_port":80,
        "errno":"EHOSTUNREACH","message":"a \"word\"","from":"192.0.2.9","icmp_type":3,
        "icmp_code":1})"));
    CHECK(json::parse(done_line(3, 1, 1, 1)) ==
          json::parse(R"({"type":"done","sent":3,"replies":1,"timeouts":1,"failed":1})"));
    CHECK(json::parse(listening_line({{1, 2}, {}})) ==
          json::parse(R"({"type":"listening","tcp":[1,2],"udp":[]})"));
}

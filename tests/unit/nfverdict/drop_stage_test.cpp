// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/drops/drop_stage.hpp"
#include "tests/catch.hpp"

#include <linux/if_packet.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>

#include <array>
#include <cerrno>
#include <map>

using namespace nflab::nfverdict;

namespace {

struct Case {
    std::string reason{};
    std::string function{};
    int ttl = 64;
    int route_error = 0;
    unsigned packet_type = 0;
    bool checked = false;
    std::string destination = "10.0.2.2";
    int icmp_type = ICMP_ECHO;
    std::map<std::string, std::uint64_t> counters{};
    bool with_reasons = false;
};

DropStage stage_of(const Case& wanted) {
    nflab::verdict::Packet packet;
    packet.family = AF_INET;
    packet.protocol = IPPROTO_ICMP;
    packet.destination = wanted.destination;
    packet.icmp_type = wanted.icmp_type;
    std::array<std::uint8_t, 20> header{0x45};
    header[8] = static_cast<std::uint8_t>(wanted.ttl);
    return drop_stage({[&](std::string_view) { return wanted.with_reasons; }, wanted.reason,
                       wanted.function, packet, header, wanted.packet_type, wanted.checked,
                       wanted.route_error},
                      [&](const std::string& name) {
                          const auto found = wanted.counters.find(name);
                          return found == wanted.counters.end() ? 0 : found->second;
                      });
}

} // namespace

TEST_CASE("a drop reason tells the stage") {
    const DropStage stage = stage_of({.reason = "NEIGH_FAILED", .function = "neigh_invalidate"});
    CHECK(stage.stage == "neighbour");
    CHECK(stage.basis == "reason");
    CHECK_FALSE(stage.noise);
    CHECK(stage_of({.reason = "UDP_CSUM", .function = "udp_rcv"}).stage == "checksum");
    CHECK(stage_of({.reason = "TC_COOKIE_ERROR", .function = "x"}).stage == "tc");
    CHECK(stage_of({.reason = "IP_INHDR", .function = "ip_forward", .ttl = 1}).stage == "ttl");
    CHECK(stage_of({.reason = "IP_INHDR", .function = "ip_rcv_core"}).stage == "header");
}

TEST_CASE("a reason that says nothing leaves it to the call site") {
    const DropStage stage = stage_of({.reason = "A_NEW_ONE", .function = "neigh_invalidate"});
    CHECK(stage.stage == "neighbour");
    CHECK(stage.basis == "call site");
    CHECK(stage_of({.function = "never_heard_of"}).stage == "unknown");
}

TEST_CASE("the route says what is wrong with it, in either sign") {
    CHECK(stage_of({.function = "ip_error", .route_error = EACCES}).detail ==
          "a route prohibits it");
    CHECK(stage_of({.function = "ip_error", .route_error = -ENETUNREACH}).detail == "no route");
    CHECK(stage_of({.function = "ip_error", .route_error = EINVAL}).detail == "a blackhole route");
}

TEST_CASE("a counter that moved tells among a function's reasons") {
    const DropStage mtu = stage_of({.function = "ip_forward", .counters = {{"Ip.FragFails", 1}}});
    CHECK(mtu.stage == "mtu");
    CHECK(mtu.basis == "counter");
    CHECK(mtu.counters == std::vector<std::string>{"Ip.FragFails"});
    CHECK(stage_of({.function = "ip_forward", .ttl = 1}).stage == "ttl");
    CHECK(stage_of({.function = "ip_forward"}).stage == "forward");
}

TEST_CASE("the reverse path filter counts as martian, too, and is no second explanation") {
    const Case filtered{
        .function = "ip_rcv_finish_core",
        .counters = {{"TcpExt.IPReversePathFilter", 1}, {"rt_cache.in_martian_src", 1}}};
    CHECK(stage_of(filtered).stage == "rp_filter");
    CHECK(stage_of(filtered).counters.size() == 2);
    const Case both{
        .function = "ip_rcv_finish_core",
        .counters = {{"TcpExt.IPReversePathFilter", 1}, {"rt_cache.in_martian_src", 2}}};
    CHECK(stage_of(both).stage == "route");
    CHECK(stage_of(both).basis == "call site");
}

TEST_CASE("counters of what the kernel has a reason for are not asked") {
    CHECK(stage_of(
              {.function = "ip_forward", .counters = {{"Ip.FragFails", 1}}, .with_reasons = true})
              .basis == "call site");
}

TEST_CASE("what goes on all the time is noise, but not what netfilter drops") {
    CHECK(stage_of({.function = "packet_rcv"}).noise);
    CHECK(stage_of({.function = "ip_rcv_core", .packet_type = PACKET_OTHERHOST}).noise);
    CHECK(stage_of({.function = "ip_error", .destination = "224.0.0.22"}).noise);
    CHECK_FALSE(stage_of({.function = "nf_hook_slow", .destination = "224.0.0.22"}).noise);
}

TEST_CASE("the answer to a ping is freed after the socket had its copy") {
    CHECK(stage_of({.function = "icmp_rcv", .icmp_type = ICMP_ECHOREPLY}).noise);
    CHECK(stage_of({.reason = "NO_SOCKET", .function = "ping_rcv", .icmp_type = ICMP_ECHOREPLY})
              .noise);
    CHECK_FALSE(stage_of({.function = "icmp_rcv", .icmp_type = ICMP_TIMESTAMP}).noise);
    CHECK_FALSE(
        stage_of({.reason = "ICMP_CSUM", .function = "icmp_rcv", .icmp_type = ICMP_ECHOREPLY})
            .noise);
}

TEST_CASE("what a queue gives back is dropped by its listener, or by a function behind it") {
    for (const char* function : {"nf_reinject", "nfqnl_reinject"}) {
        const DropStage said = stage_of({.function = function});
        CHECK(said.stage == "queue");
        CHECK(said.detail == "the program that listens on the queue said so");
        const DropStage clashed =
            stage_of({.function = function,
                      .counters = {{"conntrack.insert_failed", 1}, {"conntrack.drop", 1}}});
        CHECK(clashed.stage == "conntrack");
        CHECK(clashed.basis == "counter");
        CHECK(clashed.counters.size() == 2);
    }
    CHECK(stage_of({.function = "nfqnl_flush"}).detail == "the queue is full, or was closed");
}

TEST_CASE("a packet whose checksum is right was not dropped for it, whatever the counter says") {
    const std::map<std::string, std::uint64_t> counted{{"Udp.InCsumErrors", 1}};
    const DropStage wrong = stage_of({.function = "__udp4_lib_rcv", .counters = counted});
    CHECK(wrong.stage == "checksum");
    const DropStage right =
        stage_of({.function = "__udp4_lib_rcv", .checked = true, .counters = counted});
    CHECK(right.stage == "socket");
    CHECK(right.counters.empty());
    CHECK(stage_of(
              {.function = "ip_rcv_core", .checked = true, .counters = {{"IpExt.InCsumErrors", 1}}})
              .stage == "checksum");
}

TEST_CASE("an ICMPv6 message that was taken in is noise, and one that is counted as wrong is not") {
    CHECK(stage_of({.function = "icmpv6_rcv"}).noise);
    const DropStage wrong =
        stage_of({.function = "icmpv6_rcv", .counters = {{"Icmp6InErrors", 1}}});
    CHECK(wrong.stage == "header");
    CHECK(wrong.basis == "counter");
    CHECK_FALSE(wrong.noise);
    const DropStage checksum = stage_of(
        {.function = "icmpv6_rcv", .counters = {{"Icmp6InCsumErrors", 1}, {"Icmp6InErrors", 1}}});
    CHECK(checksum.stage == "checksum");
    CHECK_FALSE(checksum.noise);
}

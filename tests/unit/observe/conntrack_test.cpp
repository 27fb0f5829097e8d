// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/observe/conntrack_table.hpp"
#include "tests/catch.hpp"
#include "tests/unit/observe/judged.hpp"

using namespace nflab;
using scenario::ConntrackEntry;
using scenario::Range;
using test::judged;
using test::said;

namespace {

// As /proc/net/nf_conntrack has them.
const std::string icmp =
    "ipv4     2 icmp     1 28 src=192.168.4.110 dst=10.53.134.11 type=8 code=0 id=47338 "
    "src=10.53.134.11 dst=10.53.134.1 type=0 code=0 id=47338 mark=0 zone=0 use=2";
const std::string tcp =
    "ipv4     2 tcp      6 431999 ESTABLISHED src=10.0.0.2 dst=10.0.1.1 sport=40000 dport=80 "
    "src=10.0.1.11 dst=10.0.0.2 sport=8080 dport=40000 [ASSURED] mark=7 zone=3 use=2";
const std::string udp6 =
    "ipv6     10 udp      17 29 src=fd00:0000:0000:0000:0000:0000:0000:0002 "
    "dst=fd00:0000:0000:0000:0000:0000:0000:0001 sport=5000 dport=53 [UNREPLIED] "
    "src=fd00:0000:0000:0000:0000:0000:0000:0001 dst=fd00:0000:0000:0000:0000:0000:0000:0002 "
    "sport=53 dport=5000 mark=0 zone=0 use=2";
const std::string offloaded =
    "ipv4     2 tcp      6 src=10.0.0.2 dst=10.0.1.11 sport=40001 dport=80 src=10.0.1.11 "
    "dst=10.0.0.2 sport=80 dport=40001 [OFFLOAD] mark=0 zone=0 use=3";

observe::Answer table() {
    return said(icmp + "\n" + tcp + "\n" + udp6 + "\n" + offloaded + "\n");
}

} // namespace

TEST_CASE("a conntrack entry is read") {
    const auto entry = observe::read_conntrack_line(tcp);
    REQUIRE(entry);
    CHECK(entry->protocol == "tcp");
    CHECK(entry->timeout == 431999U);
    CHECK(entry->state == "ESTABLISHED");
    CHECK(entry->original.destination_port == 80);
    CHECK(entry->reply.source == "10.0.1.11");
    CHECK(entry->reply.source_port == 8080);
    CHECK(entry->status == std::vector<std::string>{"assured", "replied"});
    CHECK(entry->mark == 7);
    CHECK(entry->zone == 3);
}

TEST_CASE("addresses of conntrack entries are in their shortest form") {
    const auto entry = observe::read_conntrack_line(udp6);
    REQUIRE(entry);
    CHECK(entry->original.source == "fd00::2");
    CHECK(entry->status == std::vector<std::string>{"unreplied"});
}

TEST_CASE("an offloaded entry has no time left and no state") {
    const auto entry = observe::read_conntrack_line(offloaded);
    REQUIRE(entry);
    CHECK_FALSE(entry->timeout);
    CHECK(entry->state.empty());
    CHECK(entry->status.front() == "offload");
}

TEST_CASE("what is no conntrack entry is none") {
    for (const char* line :
         {"", "conntrack v1.4.7 (conntrack-tools): 1 flow entries have been shown.",
          "ipv4     2 tcp", "ipv4 2 tcp 6 10 src=1.2.3.4 dst=1.2.3.5"})
        CHECK_FALSE(observe::read_conntrack_line(line));
}

TEST_CASE("conntrack entries are found by what they must be like") {
    ConntrackEntry wanted;
    wanted.protocol = "tcp";
    CHECK(judged(wanted, table(), {.count = 2}).passed);
    wanted.source_port = 40000;
    wanted.reply_from = {"10.9.9.9", "10.0.1.11"};
    wanted.reply_source_port = 8080;
    wanted.status = {"assured"};
    wanted.mark = Range::parse(">6");
    wanted.zone = Range::parse("3");
    wanted.timeout = Range::parse(">=1000");
    CHECK(judged(wanted, table()).passed);
    CHECK_FALSE(judged(wanted, table(), {.negated = true}).passed);
    CHECK(judged(wanted, table()).expected ==
          "at least one entry of conntrack with tcp, sport 40000, reply_from 10.9.9.9; 10.0.1.11, "
          "reply_sport 8080, assured, mark >6, zone 3, timeout >=1000 at router");
}

TEST_CASE("without such a conntrack entry, the nearest are shown with what is wrong") {
    ConntrackEntry wanted;
    wanted.protocol = "tcp";
    wanted.destination_port = 80;
    wanted.state = "SYN_SENT";
    wanted.mark = Range::parse("7");
    const auto judgement = judged(wanted, table());
    CHECK_FALSE(judgement.passed);
    CHECK(judgement.seen.rfind("no entry; there is ipv4 2 tcp 6 431999 ESTABLISHED", 0) == 0);
    CHECK(test::holds(judgement.seen, "(not: state SYN_SENT)"));
    CHECK(judged(wanted, said("")).seen == "no entry; the table is otherwise empty");
    CHECK(judged(wanted, said(""), {.count = 0}).passed);
}

TEST_CASE("a conntrack table that cannot be read proves nothing") {
    CHECK_FALSE(judged(ConntrackEntry{}, test::complained("denied"), {.count = 0}).passed);
    CHECK_FALSE(judged(ConntrackEntry{}, test::complained("denied"), {.negated = true}).passed);
}

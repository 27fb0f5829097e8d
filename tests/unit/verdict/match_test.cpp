// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/verdict/match.hpp"
#include "sample.hpp"
#include "tests/catch.hpp"

using namespace nflab::verdict;
using namespace nflab::verdict::sample;
using nflab::scenario::Decider;
using nflab::scenario::Expectation;
using nflab::scenario::RuleMatch;

namespace {

struct Seen {
    std::vector<SentPacket> sent{ping(1, SentPacket::Result::timeout)};
    std::vector<PacketPath> paths = assemble(sent, {nft_accept(), policy_drop()}, no_distance);
};

Expectation dropped_by_policy() {
    Expectation expectation;
    expectation.at = "router";
    expectation.hook = "forward";
    expectation.verdict = "drop";
    Decider by;
    by.engine = "iptables";
    by.table = "filter";
    by.chain = "FORWARD";
    by.rule = "policy";
    by.match.kind = RuleMatch::Kind::policy;
    expectation.by = by;
    return expectation;
}

} // namespace

TEST_CASE("a verdict that was seen passes, with and without a count") {
    const Seen seen;
    Expectation expectation = dropped_by_policy();
    CHECK(judge(expectation, seen.sent, seen.paths).passed);
    expectation.count = 1;
    CHECK(judge(expectation, seen.sent, seen.paths).passed);
    expectation.count = 2;
    CHECK_FALSE(judge(expectation, seen.sent, seen.paths).passed);
}

TEST_CASE("each field can make a verdict expectation fail") {
    const Seen seen;
    const auto fails = [&](auto change) {
        Expectation expectation = dropped_by_policy();
        change(expectation);
        return !judge(expectation, seen.sent, seen.paths).passed;
    };
    CHECK(fails([](Expectation& e) { e.at = "other"; }));
    CHECK(fails([](Expectation& e) { e.hook = "input"; }));
    CHECK(fails([](Expectation& e) { e.verdict = "accept"; }));
    CHECK(fails([](Expectation& e) { e.by->engine = "nft"; }));
    CHECK(fails([](Expectation& e) { e.by->table = "mangle"; }));
    CHECK(fails([](Expectation& e) { e.by->chain = "INPUT"; }));
    CHECK(fails([](Expectation& e) {
        e.by->match.kind = RuleMatch::Kind::number;
        e.by->match.number = 1;
    }));
    CHECK(fails([](Expectation& e) { e.filter.from = {"192.0.2.1"}; }));
    CHECK(fails([](Expectation& e) { e.filter.protocol = nflab::scenario::Protocol::tcp; }));
    CHECK(fails([](Expectation& e) { e.filter.length = 61; }));
    CHECK(fails([](Expectation& e) { e.stack = {"ipt_do_table"}; }));
    CHECK(fails([](Expectation& e) { e.snat = "10.53.134.1"; }));
    CHECK(fails([](Expectation& e) { e.negated = true; }));
}

TEST_CASE("a call stack goes through functions in their order, by their whole names") {
    Record drop = policy_drop();
    drop.stack = {"ipt_do_table+0x5/0x640 [ip_tables]", "nf_hook_slow+0x3f/0xb0",
                  "ip_local_deliver+0xac/0x110", "virtnet_poll+0x2f0/0x439 [virtio_net]"};
    const std::vector<SentPacket> sent{ping(1, SentPacket::Result::timeout)};
    const std::vector<PacketPath> paths = assemble(sent, {nft_accept(), drop}, no_distance);
    const auto passes = [&](std::vector<std::string> functions) {
        Expectation expectation = dropped_by_policy();
        expectation.stack = std::move(functions);
        return judge(expectation, sent, paths).passed;
    };
    CHECK(passes({"ipt_do_table", "nf_hook_slow", "ip_local_deliver", "virtnet_poll"}));
    CHECK(passes({"ipt_do_table", "virtnet_poll"}));
    CHECK_FALSE(passes({"virtnet_poll", "ipt_do_table"}));
    CHECK_FALSE(passes({"nf_hook"}));
    CHECK_FALSE(passes({"ip_forward"}));
}

TEST_CASE("a rule is named by handle, text or comment") {
    const Seen seen;
    Expectation expectation;
    expectation.by = Decider{};
    RuleMatch& match = expectation.by->match;
    match.kind = RuleMatch::Kind::handle;
    match.number = 2;
    CHECK(judge(expectation, seen.sent, seen.paths).passed);
    match.number = 3;
    CHECK_FALSE(judge(expectation, seen.sent, seen.paths).passed);
    match = {RuleMatch::Kind::text, 0, "protocol icmp"};
    CHECK(judge(expectation, seen.sent, seen.paths).passed);
    match = {RuleMatch::Kind::comment, 0, "protocol icmp"};
    CHECK_FALSE(judge(expectation, seen.sent, seen.paths).passed);
}

TEST_CASE("a failure says what was seen instead and points at the path") {
    const Seen seen;
    Expectation expectation = dropped_by_policy();
    expectation.verdict = "accept";
    const Judgement judgement = judge(expectation, seen.sent, seen.paths);
    CHECK(judgement.seen.find("iptables filter FORWARD policy DROP") != std::string::npos);
    CHECK(judgement.paths == std::vector<std::size_t>{0});
}

TEST_CASE("replies are counted at their sender") {
    const Seen seen;
    Expectation expectation;
    expectation.at = "client";
    expectation.reply = 0;
    CHECK(judge(expectation, seen.sent, seen.paths).passed);
    expectation.reply = 1;
    const Judgement judgement = judge(expectation, seen.sent, seen.paths);
    CHECK_FALSE(judgement.passed);
    CHECK(judgement.seen.find("0 of 1 answered") != std::string::npos);
}

TEST_CASE("dropped by none names who did") {
    Seen seen;
    Expectation expectation;
    expectation.dropped_by_none = true;
    Judgement judgement = judge(expectation, seen.sent, seen.paths);
    CHECK_FALSE(judgement.passed);
    CHECK(judgement.seen.find("policy DROP") != std::string::npos);
    seen.paths = assemble(seen.sent, {nft_accept()}, no_distance);
    CHECK(judge(expectation, seen.sent, seen.paths).passed);
}

TEST_CASE("neighbour discovery does not count as dropped traffic") {
    Record solicitation = policy_drop();
    solicitation.packet.protocol = 58;
    solicitation.packet.icmp_type = 135;
    const auto paths = assemble({}, {solicitation}, no_distance);
    Expectation expectation;
    expectation.dropped_by_none = true;
    CHECK(judge(expectation, {}, paths).passed);
}

TEST_CASE("a rule of iptables-nft has a number and a handle") {
    Record record;
    record.engine = "iptables-nft";
    record.rule_kind = RuleKind::rule;
    record.rule = 2;
    record.handle = 7;
    Expectation expectation;
    expectation.by = Decider{};
    expectation.by->engine = "iptables-nft";
    RuleMatch& match = expectation.by->match;
    match = {RuleMatch::Kind::number, 2, {}};
    CHECK(matches(expectation, record));
    match = {RuleMatch::Kind::handle, 7, {}};
    CHECK(matches(expectation, record));
    match = {RuleMatch::Kind::handle, 2, {}};
    CHECK_FALSE(matches(expectation, record));
}

TEST_CASE("the stations of a path are passed by one packet in their order") {
    const Seen seen;
    Expectation expectation;
    const auto station = [](const char* engine, const char* verdict) {
        nflab::scenario::Station out;
        out.at = "router";
        out.verdict = verdict;
        out.by = Decider{};
        out.by->engine = engine;
        return out;
    };
    const auto accept = station("nft", "accept");
    const auto drop = station("iptables", "drop");
    expectation.path = {accept, drop};
    expectation.count = 1;
    CHECK(judge(expectation, seen.sent, seen.paths).passed);

    SECTION("the other way round it fails, and says how far they came") {
        expectation.path = {drop, accept};
        const Judgement judgement = judge(expectation, seen.sent, seen.paths);
        CHECK_FALSE(judgement.passed);
        CHECK(judgement.expected ==
              "exactly 1 packets that pass at router, verdict drop, by iptables; then at router, "
              "verdict accept, by nft");
        CHECK(judgement.seen == "none: 1 of 2 stations were passed, and then none at router, "
                                "verdict accept, by nft");
        CHECK(judgement.paths == std::vector<std::size_t>{0});
    }
    SECTION("a station counts once, each time that it is passed") {
        expectation.path = {accept, accept};
        CHECK_FALSE(judge(expectation, seen.sent, seen.paths).passed);
    }
    SECTION("another packet's stations do not help") {
        std::vector<Record> records{nft_accept(100, 1), policy_drop(200, 2)};
        records[1].packet.icmp_sequence = 2;
        const auto paths = assemble({}, records, no_distance);
        REQUIRE(paths.size() == 2);
        CHECK_FALSE(judge(expectation, {}, paths).passed);
    }
    SECTION("only packets that the filter takes") {
        expectation.filter.protocol = nflab::scenario::Protocol::tcp;
        const Judgement judgement = judge(expectation, seen.sent, seen.paths);
        CHECK_FALSE(judgement.passed);
        CHECK(judgement.seen == "none: no such packet was seen");
    }
    SECTION("none may, where `not` says so") {
        expectation.count.reset();
        expectation.negated = true;
        CHECK_FALSE(judge(expectation, seen.sent, seen.paths).passed);
    }
}

TEST_CASE("a reply that comes too late is none") {
    std::vector<SentPacket> sent{ping(1, SentPacket::Result::replied)};
    sent[0].rtt_us = 20'500;
    Expectation expectation;
    expectation.at = "client";
    expectation.reply = 1;
    expectation.within = std::chrono::milliseconds(21);
    CHECK(judge(expectation, sent, {}).passed);
    expectation.within = std::chrono::milliseconds(20);
    const Judgement judgement = judge(expectation, sent, {});
    CHECK_FALSE(judgement.passed);
    CHECK(judgement.expected == "1 reply at client within 20 ms");
    CHECK(judgement.seen == "0 of 1 answered; too late, after 20.5 ms (1×)");
}

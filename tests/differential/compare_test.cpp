// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/catch.hpp"
#include "tests/differential/compare.hpp"

using namespace nflab::witness;
using nflab::verdict::Record;
using nflab::verdict::RuleKind;

namespace {

Record drop_by(const std::string& engine, std::uint64_t rule) {
    Record record;
    record.engine = engine;
    record.family = "ip";
    record.table = "filter";
    record.base_chain = "INPUT";
    record.chain = "INPUT";
    record.hook = "input";
    record.rule_kind = RuleKind::rule;
    record.rule = rule;
    record.verdict = "drop";
    record.packet.family = 2;
    record.packet.protocol = 17;
    record.packet.source = "192.0.2.1";
    record.packet.destination = "192.0.2.2";
    record.packet.length = 40;
    return record;
}

struct Bench {
    std::vector<Shot> shots;
    Names names{shots};
    Evidence plain, traced;

    void record(const Record& each) {
        plain.records.push_back(each);
        traced.records.push_back(each);
    }
    Key key() const { return names.key(seen_in(plain.records.front().packet)); }
    std::vector<Disagreement> run() const {
        return compare(shots, names, plain, traced).disagreements;
    }
};

} // namespace

TEST_CASE("nft: the same rule is agreement, the next one is not") {
    Bench bench;
    bench.record(drop_by("nft", 5));
    Statement said{"ip filter", "INPUT", "INPUT", false, 5, "drop", {}};
    bench.traced.nft[bench.key()] = {said};
    CHECK(bench.run().empty());
    bench.traced.nft[bench.key()].front().rule = 6;
    REQUIRE(bench.run().size() == 1);
    CHECK(bench.run().front().check == Check::nft_trace);
    bench.traced.nft.clear();
    CHECK(bench.run().size() == 1);
}

TEST_CASE("legacy: rules that matched before the deciding one are no disagreement") {
    Bench bench;
    bench.record(drop_by("iptables", 2));
    bench.traced.counts = {{Engine::iptables, "filter", "INPUT", 2, 1, "-A INPUT -j DROP"}};
    auto& lines = bench.traced.xt4[bench.key()];
    lines = {{"filter", "INPUT", "rule", 1}, {"filter", "INPUT", "policy", 2}};
    CHECK(bench.run().empty());
    lines.pop_back();
    CHECK(bench.run().size() == 1);
    // A policy stands behind the last rule.
    lines.push_back({"filter", "INPUT", "policy", 3});
    CHECK(bench.run().size() == 1);
}

TEST_CASE("an oracle that changes what happens is caught") {
    Bench bench;
    bench.record(drop_by("none", 1));
    CHECK(bench.run().empty());
    bench.traced.records.front().rule = 2;
    REQUIRE(bench.run().size() == 1);
    CHECK(bench.run().front().check == Check::oracle_effect);
}

TEST_CASE("a counter must equal the records") {
    Bench bench;
    bench.record(drop_by("nft", 5));
    bench.traced.nft[bench.key()] = {{"ip filter", "INPUT", "INPUT", false, 5, "drop", {}}};
    bench.plain.counts = {{Engine::nft, "ip filter", "INPUT", 5, 1, "drop"}};
    CHECK(bench.run().empty());
    bench.plain.counts.front().packets = 2;
    REQUIRE(bench.run().size() == 1);
    CHECK(bench.run().front().check == Check::counter);
}

TEST_CASE("legacy: the jump path is that of the trace") {
    Bench bench;
    Record record = drop_by("iptables", 1);
    record.chain = "b";
    record.jump_path = {"INPUT"};
    bench.record(record);
    bench.traced.counts = {{Engine::iptables, "filter", "b", 1, 1, "-A b -j DROP"}};
    bench.traced.xt4[bench.key()] = {{"filter", "INPUT", "rule", 1},
                                     {"filter", "a", "return", 1},
                                     {"filter", "INPUT", "rule", 2},
                                     {"filter", "b", "rule", 1}};
    CHECK(bench.run().empty());
    bench.traced.xt4[bench.key()][2].chain = "a";
    REQUIRE(bench.run().size() == 1);
    CHECK(bench.run().front().check == Check::xt_trace);
}

TEST_CASE("the element of a verdict map must have the packet's key") {
    Bench bench;
    Record record = drop_by("nft", 5);
    record.rule_text = "ip saddr 192.0.2.1 th dport vmap { 1-99 : drop, 443 : accept }";
    record.element = "1-99 : drop";
    record.packet.destination_port = 22;
    bench.record(record);
    bench.traced.nft[bench.key()] = {{"ip filter", "INPUT", "INPUT", false, 5, "drop", {}}};
    CHECK(bench.run().empty());
    for (const char* wrong : {"443 : drop", "1-99 : accept", ""}) {
        bench.plain.records.front().element = bench.traced.records.front().element = wrong;
        REQUIRE(bench.run().size() == 2);
        CHECK(bench.run().front().check == Check::element);
    }
}

TEST_CASE("drops that conntrack counts must be told") {
    Bench bench;
    Record record = drop_by("none", 0);
    record.rule_kind = RuleKind::none;
    record.stage = "conntrack";
    bench.record(record);
    bench.plain.conntrack_drops = bench.traced.conntrack_drops = {1, 1};
    CHECK(bench.run().empty());
    bench.plain.conntrack_drops = {2, 0};
    REQUIRE(bench.run().size() == 1);
    CHECK(bench.run().front().check == Check::conntrack_drops);
}

TEST_CASE("bytes of a fragmented datagram that passed the last chain must arrive") {
    Shot shot;
    shot.packet.uid = 7;
    shot.packet.protocol = 17;
    shot.packet.source = address("192.0.2.1");
    shot.packet.destination = address("192.0.2.2");
    shot.packet.padding = 384;
    shot.chunk = 200;
    const std::vector<Shot> shots{shot};
    const Names names(shots);
    Evidence seen;
    Record record = drop_by("nft", 0);
    record.family = "inet";
    record.table = last_table;
    record.hook = "postrouting";
    record.verdict = "accept";
    record.rule_kind = RuleKind::policy;
    record.packet.ip_id = 7;
    record.packet.length = length_of(shot.packet);
    seen.records = {record};
    CaptureReader reader(names, seen);
    for (const Bytes& ip : shot.datagrams()) {
        const Bytes bytes = frame({}, {}, ip);
        reader.take("c " + std::to_string(bytes.size()) + " " + to_hex(bytes.data(), 96));
    }
    Evidence traced = seen;
    const auto fate = [&] {
        int wrong = 0;
        for (const auto& each : compare(shots, names, seen, traced).disagreements)
            wrong += each.check == Check::fragments;
        return wrong;
    };
    CHECK(fate() == 0);
    seen.arrived[0] -= 200;
    CHECK(fate() == 1);
}

TEST_CASE("the router's answer to a fragmented echo is not what was sent") {
    Shot shot;
    shot.packet.family = 6;
    shot.packet.uid = 9;
    shot.packet.protocol = 58;
    shot.packet.padding = 640;
    shot.chunk = 104;
    const std::vector<Shot> shots{shot};
    const Names names(shots);
    Record reply = drop_by("nft", 0);
    reply.family = "inet";
    reply.table = last_table;
    reply.hook = "postrouting";
    reply.verdict = "accept";
    reply.rule_kind = RuleKind::policy;
    reply.packet.family = 10;
    reply.packet.protocol = 58;
    reply.packet.icmp_type = 129;
    reply.packet.length = length_of(shot.packet);
    Evidence seen;
    seen.records = {reply};
    const auto fate = [&] {
        int wrong = 0;
        for (const auto& each : compare(shots, names, seen, seen).disagreements)
            wrong += each.check == Check::fragments;
        return wrong;
    };
    CHECK(fate() == 0);
    seen.records.front().packet.icmp_type = 128;
    CHECK(fate() == 2);
}

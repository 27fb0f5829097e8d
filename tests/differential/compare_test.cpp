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

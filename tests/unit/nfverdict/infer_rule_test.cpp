// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/kernel/kernel_api.hpp"
#include "guest/nfverdict/legacy/legacy_api.hpp"
#include "guest/nfverdict/records/infer_rule.hpp"
#include "tests/catch.hpp"

#include <memory>

using namespace nflab;
using namespace nflab::nfverdict;
using verdict::RuleKind;

namespace {

constexpr const char* listing = R"(table inet t { # handle 1
	chain base { # handle 1
		type filter hook input priority filter; policy accept;
		udp dport 1 jump side # handle 10
		udp dport 2 counter # handle 11
	}

	chain side { # handle 2
		udp dport 3 drop comment "here" # handle 12
	}

	chain nowhere { # handle 3
		drop # handle 13
	}
}
)";

std::shared_ptr<NftSnapshot> nft() {
    auto out = std::make_shared<NftSnapshot>();
    out->listing = parse_nft_listing(listing);
    NftTableCode& code = out->code.tables[{"inet", "t"}];
    code.rules[10].targets = {"side"};
    code.rules[11] = {};
    code.rules[12].verdicts = {NF_DROP};
    code.rules[13].verdicts = {NF_DROP};
    return out;
}

verdict::Record nft_record(const std::shared_ptr<NftSnapshot>& snapshot, const char* verdict) {
    nfv_event event{};
    event.kind = NFV_TABLE;
    event.policy = NF_ACCEPT;
    verdict::Record record;
    record.family = "inet";
    record.table = "t";
    record.base_chain = "base";
    record.verdict = verdict;
    infer_nft(event, {snapshot}, record);
    return record;
}

std::shared_ptr<XtSnapshot> xt() {
    using Kind = XtEntry::Kind;
    auto out = std::make_shared<XtSnapshot>();
    out->entries[0] = {Kind::rule, "INPUT", 1, "", 400, 100, false}; // jumps to "side"
    out->entries[100] = {Kind::rule, "INPUT", 2, "MARK", 0, 200, false};
    out->entries[200] = {Kind::policy, "INPUT", 0, "", -NF_ACCEPT - 1, 300, false};
    out->entries[300] = {Kind::chain_head, "side", 0, "ERROR", 0, 400, false};
    out->entries[400] = {Kind::rule, "side", 1, "REJECT", 0, 500, false};
    out->entries[500] = {Kind::implicit_return, "side", 0, "", -5, 600, false};
    out->save["INPUT"] = {"-A INPUT -j side", "-A INPUT -j MARK --set-xmark 0x1/0xffffffff"};
    out->save["side"] = {"-A side -p udp -j REJECT"};
    return out;
}

verdict::Record xt_record(const std::shared_ptr<XtSnapshot>& snapshot, const char* verdict) {
    verdict::Record record;
    record.base_chain = "INPUT";
    record.verdict = verdict;
    infer_xt({snapshot}, record);
    return record;
}

} // namespace

TEST_CASE("nft: the only rule that could have dropped") {
    const verdict::Record drop = nft_record(nft(), "drop");
    CHECK(drop.basis == "inferred");
    CHECK(drop.rule_kind == RuleKind::rule);
    CHECK(drop.rule == 12);
    CHECK(drop.chain == "side");
    CHECK(drop.comment == "here");
    CHECK(nft_record(nft(), "accept").rule_kind == RuleKind::policy);
    CHECK(nft_record(nft(), "queue").basis.empty());
}

TEST_CASE("nft: two that could have, or one whose verdict nobody knows") {
    auto snapshot = nft();
    snapshot->code.tables[{"inet", "t"}].rules[11].opaque = true;
    CHECK(nft_record(snapshot, "drop").basis.empty());
    CHECK(nft_record(snapshot, "drop").rule_kind == RuleKind::unknown);
    CHECK(nft_record(snapshot, "accept").basis.empty());
    snapshot = nft();
    snapshot->code.tables[{"inet", "t"}].rules.erase(11);
    CHECK(nft_record(snapshot, "drop").basis.empty());
}

TEST_CASE("nft: the only rejecting rule rejects") {
    auto snapshot = nft();
    auto& rule = snapshot->code.tables[{"inet", "t"}].rules[12];
    rule = {};
    rule.rejects = true;
    CHECK(nft_record(snapshot, "drop").verdict == "reject");
}

TEST_CASE("legacy: the only entry that could have") {
    const verdict::Record drop = xt_record(xt(), "drop");
    CHECK(drop.basis == "inferred");
    CHECK(drop.chain == "side");
    CHECK(drop.rule == 1);
    CHECK(drop.rule_text == "-A side -p udp -j REJECT");
    CHECK(drop.verdict == "reject");
    CHECK(xt_record(xt(), "accept").rule_kind == RuleKind::policy);
    auto snapshot = xt();
    snapshot->entries[100].target = "DNAT"; // accepts or drops
    CHECK(xt_record(snapshot, "accept").basis.empty());
    CHECK(xt_record(snapshot, "drop").basis.empty());
}

TEST_CASE("ebtables: each chain has a policy, and a target may say anything") {
    using Kind = XtEntry::Kind;
    const auto record_of = [](const XtSnapshot& snapshot, const char* verdict) {
        verdict::Record record;
        record.engine = "ebtables";
        record.table = "filter";
        record.base_chain = "INPUT";
        record.verdict = verdict;
        infer_xt({std::make_shared<XtSnapshot>(snapshot)}, record);
        return record;
    };
    XtSnapshot snapshot;
    snapshot.entries[0] = {Kind::chain_head, "INPUT", 0, "", EBT_ACCEPT, 48, false};
    snapshot.entries[48] = {Kind::rule, "INPUT", 1, "", 200, 200, false}; // jumps to "mine"
    snapshot.entries[200] = {Kind::chain_head, "mine", 0, "", EBT_RETURN, 248, false};
    snapshot.entries[248] = {Kind::rule, "mine", 1, "", EBT_DROP, 400, false};
    CHECK(record_of(snapshot, "drop").chain == "mine");
    CHECK(record_of(snapshot, "drop").rule == 1);
    CHECK(record_of(snapshot, "accept").rule_kind == RuleKind::policy);
    snapshot.entries[200].verdict = EBT_DROP;
    CHECK(record_of(snapshot, "drop").basis.empty());
    snapshot.entries[200].verdict = EBT_RETURN;
    snapshot.entries[400] = {Kind::rule, "mine", 2, "mark", 0, 500, false};
    CHECK(record_of(snapshot, "drop").basis.empty());
    CHECK(record_of(snapshot, "accept").basis.empty());
}

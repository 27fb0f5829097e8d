// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/kernel/kernel_api.hpp"
#include "guest/nfverdict/records/assemble.hpp"
#include "guest/nfverdict/records/explain_nft.hpp"
#include "tests/catch.hpp"

#include <cstring>

using namespace nflab;
using namespace nflab::nfverdict;
using verdict::RuleKind;

namespace {

constexpr const char* listing = R"(table ip filter { # handle 1
	map ports { # handle 20
		type inet_service : verdict
		elements = { 22 comment "ssh" : drop, 80 : jump SUB }
	}

	chain INPUT { # handle 2
		type filter hook input priority filter; policy accept;
		udp dport vmap @ports # handle 10
		jump MID # handle 11
	}

	chain MID { # handle 3
		goto SUB # handle 12
		reject # handle 13
	}

	chain SUB { # handle 4
		drop # handle 14
	}
}
)";

std::shared_ptr<NftSnapshot> snapshot() {
    auto out = std::make_shared<NftSnapshot>();
    out->listing = parse_nft_listing(listing);
    NftTableCode& code = out->code.tables[{"ip", "filter"}];
    code.rules[10].verdict_maps = {{"ports", 4}};
    code.rules[11].targets = {"MID"};
    code.rules[12].targets = {"SUB"};
    code.rules[13].rejects = true;
    code.rules[14] = {};
    NftVerdictMap& map = code.verdict_maps["ports"];
    map.key_size = 2;
    map.key_type = 13;
    map.elements = {{{0, 22}, {}, false, NF_DROP, ""}, {{0, 80}, {}, false, NFT_JUMP, "SUB"}};
    return out;
}

nfv_event event(std::uint64_t rule, std::int32_t code, std::uint64_t chain,
                const std::vector<std::uint32_t>& path = {}) {
    nfv_event out{};
    out.kind = NFV_NFT_VERDICT;
    out.method = NFV_SITE;
    out.ruleset = NFV_RULESET_NFT;
    out.has_state = 1;
    out.pf = out.table_family = NFPROTO_IPV4;
    out.hook = NF_INET_LOCAL_IN;
    out.base_handle = 2;
    out.rule = rule;
    out.verdict = code;
    out.has_chain = NFV_CHAIN_FOLLOWED;
    out.chain_handle = chain;
    std::copy(path.begin(), path.end(), out.path);
    out.path_length = static_cast<std::uint8_t>(path.size());
    std::strcpy(out.table, "filter");
    std::strcpy(out.base_chain, "INPUT");
    return out;
}

verdict::Record explained(const nfv_event& event, const std::shared_ptr<NftSnapshot>& from) {
    verdict::Record record = assemble(event, {});
    explain_nft(event, Candidates<NftSnapshot>{from}, record);
    return record;
}

using Path = std::vector<std::string>;

} // namespace

TEST_CASE("the way into a chain") {
    CHECK(explained(event(14, 0, 4, {2, 3}), snapshot()).jump_path == Path{"INPUT", "MID"});
    CHECK(explained(event(14, 0, 4, {2}), snapshot()).jump_path == Path{"INPUT"});
    CHECK(explained(event(11, NFT_JUMP, 2), snapshot()).jump_path.empty());
    CHECK(explained(event(11, NFT_JUMP, 2), snapshot()).chain == "INPUT");
}

TEST_CASE("a way that the rules do not allow is not shown, the rule is") {
    for (const auto& path : {std::vector<std::uint32_t>{3}, {2, 4}, {2, 99}, {}}) {
        const auto record = explained(event(14, 0, 4, path), snapshot());
        CHECK(record.jump_path.empty());
        CHECK(record.chain == "SUB");
        CHECK(record.rule_text == "drop");
    }
    CHECK(explained(event(14, 0, 3, {2}), snapshot()).jump_path.empty());
}

TEST_CASE("the element that decided") {
    nfv_event drop = event(10, NF_DROP, 2);
    drop.registers[5] = 22;
    CHECK(explained(drop, snapshot()).element.empty());
    drop.has_registers = 1;
    CHECK(explained(drop, snapshot()).element == "22 comment \"ssh\" : drop");
    drop.registers[5] = 23;
    CHECK(explained(drop, snapshot()).element.empty());
    drop.registers[5] = 80; // its element jumps, so it is not what dropped
    CHECK(explained(drop, snapshot()).element.empty());
    nfv_event jump = event(10, NFT_JUMP, 2);
    jump.has_registers = 1;
    jump.registers[5] = 80;
    std::strcpy(jump.target, "SUB");
    CHECK(explained(jump, snapshot()).element == "80 : jump SUB");
}

TEST_CASE("a drop by a rule with reject is a reject") {
    CHECK(explained(event(13, NF_DROP, 3, {2}), snapshot()).verdict == "reject");
    CHECK(explained(event(14, NF_DROP, 4, {2, 3}), snapshot()).verdict == "drop");
    CHECK(explained(event(13, NF_ACCEPT, 3, {2}), snapshot()).verdict == "accept");
}

TEST_CASE("a table of iptables-nft is shown as its user sees it") {
    auto of_xtables = snapshot();
    of_xtables->xtables[{"ip", "filter"}] = {
        "iptables-nft", {{"MID", {"-A MID -g SUB", "-A MID -m comment --comment no -j REJECT"}}}};
    const auto record = explained(event(13, NF_DROP, 3, {2}), of_xtables);
    CHECK(record.engine == "iptables-nft");
    CHECK(record.rule == 2);
    CHECK(record.handle == 13);
    CHECK(record.rule_text == "-A MID -m comment --comment no -j REJECT");
    CHECK(record.comment == "no");
    CHECK(record.target == "REJECT");
    CHECK(record.verdict == "reject");
    CHECK(explained(event(14, NF_DROP, 4, {2, 3}), of_xtables).rule_text == "drop");
    of_xtables->code.tables[{"ip", "filter"}].rules[14].is_chain_end = true;
    const auto policy = explained(event(14, NF_DROP, 4, {2, 3}), of_xtables);
    CHECK(policy.rule_kind == RuleKind::policy);
    CHECK(policy.rule_text == "policy drop");
    CHECK(policy.rule == 0);
    CHECK(policy.handle == 14);
}

TEST_CASE("a rule that matched and went on") {
    nfv_event passed = event(14, NFT_CONTINUE, 4, {2});
    passed.kind = NFV_NFT_PASSED;
    const auto record = explained(passed, snapshot());
    CHECK(record.rule_kind == RuleKind::rule);
    CHECK(record.rule == 14);
    CHECK(record.verdict == "continue");
    CHECK(record.chain == "SUB");
}

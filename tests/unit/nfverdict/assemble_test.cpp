// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/hooks/hook.hpp"
#include "guest/nfverdict/records/assemble.hpp"
#include "guest/nfverdict/records/explain_nft.hpp"
#include "tests/catch.hpp"
#include "tests/unit/nfverdict/xt_event.hpp"

#include <cstring>

using namespace nflab;
using namespace nflab::nfverdict;
using namespace nflab::nfverdict::test;
using verdict::RuleKind;

namespace {

constexpr std::uint8_t inet = 1;

std::shared_ptr<NftSnapshot> nft_snapshot(const std::string& rule) {
    auto snapshot = std::make_shared<NftSnapshot>();
    snapshot->listing =
        parse_nft_listing("table inet t { # handle 1\n"
                          "\tchain sub { # handle 4\n"
                          "\t\t" +
                          rule +
                          " # handle 7\n"
                          "\t}\n"
                          "\tchain base { # handle 2\n"
                          "\t\ttype filter hook forward priority filter; policy drop;\n"
                          "\t}\n"
                          "}\n");
    return snapshot;
}

nfv_event nft_event(std::int32_t code) {
    nfv_event event{};
    event.kind = NFV_NFT_VERDICT;
    event.method = NFV_SITE;
    event.ruleset = NFV_RULESET_NFT;
    event.has_state = 1;
    event.pf = ipv4;
    event.hook = 2;
    event.table_family = inet;
    event.priority = -5;
    event.rule = 7;
    event.base_handle = 2;
    event.verdict = code;
    std::strcpy(event.table, "t");
    std::strcpy(event.base_chain, "base");
    std::strcpy(event.in, "eth0");
    return event;
}

verdict::Record explained(const nfv_event& event, const Candidates<NftSnapshot>& candidates) {
    verdict::Record record = assemble(event, {});
    explain_nft(event, candidates, record);
    return record;
}

std::shared_ptr<XtSnapshot> xt_snapshot() {
    auto snapshot = std::make_shared<XtSnapshot>();
    auto& entries = snapshot->entries;
    entries[0] = {XtEntry::Kind::rule, "FORWARD", 1, "REJECT", 0, 100, false};
    entries[100] = {XtEntry::Kind::rule, "FORWARD", 2, "", 400, 200, false};
    entries[200] = {XtEntry::Kind::rule, "FORWARD", 3, "", 300, 300, false};
    entries[300] = {XtEntry::Kind::policy, "FORWARD", 0, "", -1, 400, false};
    entries[400] = {XtEntry::Kind::rule, "SUB", 1, "", -5, 500, false};
    entries[500] = {XtEntry::Kind::implicit_return, "SUB", 0, "", -5, 600, false};
    snapshot->save["FORWARD"] = {"-A FORWARD -m comment --comment \"go away\" -j REJECT",
                                 "-A FORWARD -j SUB", "-A FORWARD"};
    snapshot->save["SUB"] = {"-A SUB -j RETURN"};
    return snapshot;
}

} // namespace

TEST_CASE("a device's name that no terminal could show is left out") {
    nfv_event event = nft_event(0);
    std::strcpy(event.out, "(\xef\xbf");
    const verdict::Record record = assemble(event, {});
    CHECK(record.in_device == "eth0");
    CHECK(record.out_device.empty());
}

TEST_CASE("an nft verdict is explained from the listing") {
    const auto record =
        explained(nft_event(0), Candidates<NftSnapshot>{nft_snapshot("tcp dport 1 drop")});
    CHECK(record.engine == "nft");
    CHECK(record.family == "inet");
    CHECK(record.table == "t");
    CHECK(record.base_chain == "base");
    CHECK(record.chain == "sub");
    CHECK(record.rule == 7);
    CHECK(record.rule_kind == RuleKind::rule);
    CHECK(record.rule_text == "tcp dport 1 drop");
    CHECK(record.verdict == "drop");
    CHECK(record.hook == "forward");
    CHECK(record.priority == -5);
    CHECK(record.in_device == "eth0");
    CHECK(record.method == "site");
}

TEST_CASE("what is not certain stays empty") {
    const auto unknown = explained(nft_event(0), Candidates<NftSnapshot>{});
    CHECK(unknown.rule == 7);
    CHECK(unknown.rule_text.empty());
    CHECK(unknown.chain.empty());
    const auto disputed = explained(
        nft_event(0), Candidates<NftSnapshot>{nft_snapshot("a drop"), nft_snapshot("b drop")});
    CHECK(disputed.rule_text.empty());
    const auto agreed = explained(
        nft_event(0), Candidates<NftSnapshot>{nft_snapshot("a drop"), nft_snapshot("a drop")});
    CHECK(agreed.rule_text == "a drop");
    nfv_event other = nft_event(0);
    other.rule = 8;
    CHECK(explained(other, Candidates<NftSnapshot>{nft_snapshot("a drop")}).rule_text.empty());
    other = nft_event(0);
    other.has_chain = NFV_CHAIN_TOLD;
    other.chain_handle = 99;
    CHECK(explained(other, Candidates<NftSnapshot>{nft_snapshot("a drop")}).rule_text.empty());
}

TEST_CASE("an nft policy and an end of chain have no rule") {
    nfv_event policy = nft_event(0);
    policy.kind = NFV_NFT_POLICY;
    policy.rule = 0;
    const auto record = explained(policy, Candidates<NftSnapshot>{nft_snapshot("drop")});
    CHECK(record.rule_kind == RuleKind::policy);
    CHECK(record.verdict == "drop");
    CHECK(record.chain == "base");
    CHECK(record.rule_text == "policy drop");

    const auto end = explained(nft_event(-1), Candidates<NftSnapshot>{nft_snapshot("drop")});
    CHECK(end.rule_kind == RuleKind::end_of_chain);
    CHECK(end.verdict == "continue");
    CHECK(end.rule == 0);
}

TEST_CASE("nft's own verdict codes have names") {
    const auto name = [](std::int32_t code) { return assemble(nft_event(code), {}).verdict; };
    CHECK(name(1) == "accept");
    CHECK(name(2) == "stolen");
    CHECK(name(3 | 5 << 16) == "queue");
    CHECK(name(-3) == "jump");
    CHECK(name(-4) == "goto");
    CHECK(name(-5) == "return");
}

TEST_CASE("a legacy target's verdict, and REJECT") {
    const Candidates<XtSnapshot> candidates{xt_snapshot()};
    nfv_event event = xt_event(NFV_XT_TARGET, 0, 0);
    std::strcpy(event.target, "REJECT");
    const auto record = explained(event, candidates);
    CHECK(record.engine == "iptables");
    CHECK(record.verdict == "reject");
    CHECK(record.target == "REJECT");
    CHECK(record.rule == 1);
    CHECK(record.chain == "FORWARD");
    CHECK(record.base_chain == "FORWARD");
    CHECK(record.comment == "go away");
    CHECK(record.priority == 0);
}

TEST_CASE("legacy standard verdicts: policy, jump, fall-through, return") {
    const Candidates<XtSnapshot> candidates{xt_snapshot()};
    const auto policy = explained(xt_event(NFV_XT_STANDARD, 300, -1), candidates);
    CHECK(policy.rule_kind == RuleKind::policy);
    CHECK(policy.verdict == "drop");
    CHECK(policy.rule == 0);
    const auto jump = explained(xt_event(NFV_XT_STANDARD, 100, 400), candidates);
    CHECK(jump.verdict == "jump");
    CHECK(jump.target == "SUB");
    CHECK(jump.rule_text == "-A FORWARD -j SUB");
    CHECK(explained(xt_event(NFV_XT_STANDARD, 200, 300), candidates).verdict == "continue");
    const auto explicit_return = explained(xt_event(NFV_XT_STANDARD, 400, -5), candidates);
    CHECK(explicit_return.verdict == "return");
    CHECK(explicit_return.rule_kind == RuleKind::rule);
    CHECK(explained(xt_event(NFV_XT_STANDARD, 500, -5), candidates).rule_kind ==
          RuleKind::end_of_chain);
}

TEST_CASE("an entry that no snapshot knows is unknown") {
    const auto record =
        explained(xt_event(NFV_XT_STANDARD, 50, -2), Candidates<XtSnapshot>{xt_snapshot()});
    CHECK(record.rule_kind == RuleKind::unknown);
    CHECK(record.verdict == "accept");
    CHECK(record.chain.empty());
}

TEST_CASE("hooks and legacy priorities have their names and numbers") {
    CHECK(std::string(hook_name(2, 0)) == "prerouting");
    CHECK(std::string(hook_name(10, 4)) == "postrouting");
    CHECK(std::string(hook_name(1, 5)) == "ingress");
    CHECK(std::string(hook_name(3, 1)) == "output");
    CHECK(std::string(hook_name(5, 1)) == "egress");
    CHECK(std::string(hook_name(2, 77)).empty());
    CHECK(legacy_priority(Legacy::iptables, "nat", 0) == -100);
    CHECK(legacy_priority(Legacy::iptables, "nat", 4) == 100);
    CHECK(legacy_priority(Legacy::iptables, "mangle", 2) == -150);
    CHECK_FALSE(legacy_priority(Legacy::iptables, "mine", 2));
}

TEST_CASE(
    "a drop outside hooks has the packet's own devices, not those of the hook that was found") {
    nfv_event event{};
    event.kind = NFV_DROP;
    event.has_state = 1;
    event.pf = bridge;
    event.hook = 1;
    std::strcpy(event.in, "port1");
    std::strcpy(event.chain, "br0");
    verdict::Record record = assemble(event, {});
    CHECK(record.in_device == "port1");
    take_own_devices(event, record);
    CHECK(record.in_device == "br0");
    event.has_state = 0;
    event.in[0] = 0;
    CHECK(assemble(event, {}).in_device == "br0");
}

TEST_CASE("headers that could not be read are said to be missing") {
    nfv_event event = nft_event(0);
    event.length = 1028;
    CHECK(assemble(event, {}).packet.unread);
    event.length = 0; // all of it was read
    CHECK_FALSE(assemble(event, {}).packet.unread);
}

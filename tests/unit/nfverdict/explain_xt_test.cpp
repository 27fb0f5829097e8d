// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/catch.hpp"
#include "tests/unit/nfverdict/xt_event.hpp"

using namespace nflab;
using namespace nflab::nfverdict;
using namespace nflab::nfverdict::test;
using verdict::RuleKind;

namespace {

XtEntry entry(const char* chain, unsigned number, std::int32_t verdict, std::uint32_t next) {
    XtEntry out;
    out.chain = chain;
    out.number = number;
    out.verdict = verdict;
    out.next = next;
    return out;
}

// FORWARD jumps to a, a goes to b, b drops.
std::shared_ptr<XtSnapshot> nested() {
    auto snapshot = std::make_shared<XtSnapshot>();
    snapshot->entries[0] = entry("FORWARD", 1, 300, 100);
    snapshot->entries[300] = entry("a", 1, 600, 400);
    snapshot->entries[300].is_goto = true;
    snapshot->entries[600] = entry("b", 1, -1, 700);
    snapshot->save["b"] = {"-A b -j DROP"};
    return snapshot;
}

} // namespace

TEST_CASE("the way to a rule is the chains that were left, by jump or by goto") {
    nfv_event event = xt_event(NFV_XT_STANDARD, 600, -1);
    event.path[0] = 0;
    event.path[1] = 300 | NFV_LEFT_BY_GOTO;
    event.path_length = 2;
    const auto record = explained(event, {nested()});
    CHECK(record.chain == "b");
    CHECK(record.rule == 1);
    CHECK(record.verdict == "drop");
    CHECK(record.rule_text == "-A b -j DROP");
    CHECK(record.jump_path == std::vector<std::string>{"FORWARD", "a"});
}

TEST_CASE("a way with a step missing is not told") {
    nfv_event event = xt_event(NFV_XT_STANDARD, 600, -1);
    event.path[0] = 0;
    event.path_length = 1;
    const auto record = explained(event, {nested()});
    CHECK(record.chain == "b");
    CHECK(record.jump_path.empty());
}

TEST_CASE("a match that drops by itself blames its table and no rule") {
    const auto record = explained(xt_event(NFV_XT_HOTDROP, 0, -1), {nested()});
    CHECK(record.rule_kind == RuleKind::table);
    CHECK(record.verdict == "drop");
    CHECK(record.table == "filter");
    CHECK(record.chain.empty());
    CHECK(record.rule == 0);
}

TEST_CASE("the end of an ebtables chain is its policy, or the way back") {
    auto snapshot = std::make_shared<XtSnapshot>();
    snapshot->entries[0] = entry("FORWARD", 0, -2, 48);
    snapshot->entries[0].kind = XtEntry::Kind::chain_head;
    nfv_event event = xt_event(NFV_XT_POLICY, 0, -1, bridge);
    event.verdict = -2;
    const auto policy = explained(event, {snapshot});
    CHECK(policy.engine == "ebtables");
    CHECK(policy.rule_kind == RuleKind::policy);
    CHECK(policy.verdict == "drop");
    CHECK(policy.chain == "FORWARD");
    CHECK(policy.priority == -200);

    event.verdict = -4;
    const auto back = explained(event, {snapshot});
    CHECK(back.rule_kind == RuleKind::end_of_chain);
    CHECK(back.verdict == "return");
}

TEST_CASE("ebtables' listings give the rules of each chain as its save program prints them") {
    const auto save = parse_chain_listing("Bridge table: filter\n\n"
                                          "Bridge chain: INPUT, entries: 1, policy: ACCEPT\n"
                                          "-p IPv4 --ip-src 1.2.3.4 -j DROP\n\n"
                                          "Bridge chain: OUTPUT, entries: 0, policy: ACCEPT\n");
    REQUIRE(save.count("INPUT") == 1);
    CHECK(save.at("INPUT") ==
          std::vector<std::string>{"-A INPUT -p IPv4 --ip-src 1.2.3.4 -j DROP"});
    CHECK(save.count("OUTPUT") == 0);
}

TEST_CASE("arptables' listings lose their counters and devices that are any") {
    const auto save =
        parse_chain_listing("Chain INPUT (policy ACCEPT 0 packets, 0 bytes)\n"
                            "-j ACCEPT -i * -o * -s 10.0.1.2 --opcode 1 , pcnt=0 -- bcnt=0 \n\n"
                            "Chain mine (1 references)\n"
                            "-j DROP -i eth0 -o * , pcnt=3 -- bcnt=84 \n");
    CHECK(save.at("INPUT") ==
          std::vector<std::string>{"-A INPUT -j ACCEPT -s 10.0.1.2 --opcode 1"});
    CHECK(save.at("mine") == std::vector<std::string>{"-A mine -j DROP -i eth0"});
}

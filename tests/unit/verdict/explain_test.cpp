// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/verdict/decision.hpp"
#include "harness/verdict/draw.hpp"
#include "harness/verdict/explain.hpp"
#include "sample.hpp"
#include "tests/catch.hpp"

using namespace nflab::verdict;
using namespace nflab::verdict::sample;

TEST_CASE("the path of seed 004 reads as a table with the deciding line marked") {
    const std::vector<SentPacket> sent{ping(1, SentPacket::Result::timeout)};
    const auto paths = assemble(sent, {nft_accept(), policy_drop()}, no_distance);
    const auto lines = draw(paths, 0, sent);
    REQUIRE(lines.size() == 3);
    CHECK(lines[0].text ==
          "#1 icmp echo 192.168.4.110 -> 10.53.134.11   dropped at router, hook forward");
    CHECK(lines[1].text.find("handle 2 accept") != std::string::npos);
    CHECK(lines[1].text.find("\"ip protocol icmp counter accept\"") != std::string::npos);
    CHECK_FALSE(lines[1].decides);
    CHECK(lines[2].text.find("filter FORWARD") != std::string::npos);
    CHECK(lines[2].text.find("policy DROP") != std::string::npos);
    CHECK(lines[2].text.find("<- here") != std::string::npos);
    CHECK(lines[2].decides);
}

TEST_CASE("long rules are cut to the width of the page") {
    Record record = nft_accept();
    record.rule_text = std::string(300, 'x');
    const std::vector<SentPacket> sent{ping(1, SentPacket::Result::timeout)};
    const auto paths = assemble(sent, {record}, no_distance);
    const std::string line = draw(paths, 0, sent).at(1).text;
    CHECK(line.size() <= 100 + std::string("…").size());
}

TEST_CASE("an iptables rule is shown without its chain, which stands beside it") {
    Record record = policy_drop();
    record.rule_kind = RuleKind::rule;
    record.rule = 1;
    record.rule_text = "-A FORWARD -p tcp -j DROP";
    const auto paths = assemble({}, {record}, no_distance);
    const std::string line = draw(paths, 0, {}).at(1).text;
    CHECK(line.find("filter FORWARD #1 DROP \"-p tcp -j DROP\"") != std::string::npos);
}

TEST_CASE("the explanation names the policy and the command that changes it") {
    const std::vector<SentPacket> sent{ping(1, SentPacket::Result::timeout)};
    const auto paths = assemble(sent, {nft_accept(), policy_drop()}, no_distance);
    const std::string why = explain(paths.at(0));
    CHECK(why.find("iptables-legacy -t filter -P FORWARD ACCEPT") != std::string::npos);
    CHECK(why.find("an accept in another table is not final") != std::string::npos);
}

TEST_CASE("an explanation of a rule tells how to find it") {
    Record rule = nft_accept();
    rule.verdict = "drop";
    const auto paths = assemble({}, {rule}, no_distance);
    CHECK(explain(paths.at(0)).find("nft delete rule ip filter forward handle 2") !=
          std::string::npos);
}

TEST_CASE("a packet that nothing ended needs no explanation") {
    const auto paths = assemble({}, {nft_accept()}, no_distance);
    CHECK(explain(paths.at(0)).empty());
}

TEST_CASE("an unknown rule is said to be unknown") {
    Record record = policy_drop();
    record.rule_kind = RuleKind::unknown;
    CHECK(decision(record) == "DROP (the rule is not known)");
    record.base_chain = record.chain;
    record.chain.clear();
    CHECK(deciding_chain(record) == "FORWARD");
    CHECK(table_and_chain(record) == "filter FORWARD");
    CHECK(explain(assemble({}, {record}, no_distance).at(0)) ==
          "iptables, table filter, chain FORWARD decided, but which rule is not known.");
    record.base_chain.clear();
    CHECK(explain(assemble({}, {record}, no_distance).at(0)) ==
          "iptables, table filter decided, but which rule is not known.");
    record.rule_kind = RuleKind::table;
    CHECK(deciding_chain(record).empty());
}

namespace {

Record ruleless() {
    Record record = seen(200, 1, "", "none", "drop");
    record.rule_kind = RuleKind::none;
    record.method = "drop";
    record.priority.reset();
    record.table = record.chain = record.base_chain = record.family = "";
    record.in_device = "eno2";
    record.stage = "rp_filter";
    record.reason = "IP_RPFILTER";
    record.location = "ip_rcv_finish_core+0x1c5";
    record.basis = "reason";
    return record;
}

} // namespace

TEST_CASE("a drop that no rule did says what did, by which evidence, and what would change it") {
    const std::vector<SentPacket> sent{ping(1, SentPacket::Result::timeout)};
    const auto paths = assemble(sent, {nft_accept(), ruleless()}, no_distance);
    REQUIRE(paths.size() == 1);
    CHECK(outcome(paths[0], sent) == "dropped at router by no rule: rp_filter");
    const auto lines = draw(paths, 0, sent);
    REQUIRE(lines.size() == 4);
    CHECK(lines[2].text.find("drop by no rule  <- here") != std::string::npos);
    CHECK(lines[3].text.find("reason IP_RPFILTER at ip_rcv_finish_core+0x1c5") !=
          std::string::npos);
    CHECK(explain(paths[0]).find("net.ipv4.conf.eno2.rp_filter=0") != std::string::npos);
}

TEST_CASE("a hotdrop is not blamed on a rule") {
    Record record = policy_drop();
    record.rule_kind = RuleKind::table;
    const auto paths = assemble({}, {record}, no_distance);
    CHECK(decision(record) == "DROP by a match (which rule is not known)");
    CHECK(explain(paths.at(0)).find("hotdrop") != std::string::npos);
}

TEST_CASE("the way through the chains, the element and the handle stand beside the rule") {
    Record record = nft_accept();
    record.verdict = "drop";
    record.base_chain = "input";
    record.chain = "ssh";
    record.jump_path = {"input", "tcp"};
    record.element = "22 : drop";
    CHECK(table_and_chain(record) == "ip filter input > tcp > ssh");
    CHECK(grounds(record).find("element \"22 : drop\"") != std::string::npos);
    const auto paths = assemble({}, {record}, no_distance);
    CHECK(explain(paths.at(0)).find("element \"22 : drop\"") != std::string::npos);

    record.engine = "iptables-nft";
    record.handle = 7;
    CHECK(decision(record) == "#2 DROP (handle 7)");
    record.basis = "inferred";
    CHECK(grounds(record).find("(inferred)") != std::string::npos);
}

TEST_CASE("a place in the kernel is not said to lie in another function's module") {
    Record record = ruleless();
    record.function = "ipv4_conntrack_in";
    record.module = "nf_conntrack";
    record.location = "nf_hook_slow+0x93";
    CHECK(grounds(record).find("at nf_hook_slow+0x93 by ipv4_conntrack_in [nf_conntrack]") !=
          std::string::npos);
    record.location = "ipv4_conntrack_in+0x5";
    CHECK(grounds(record).find("at ipv4_conntrack_in+0x5 [nf_conntrack]") != std::string::npos);
}

TEST_CASE("an offloaded flow's hooks are said to be passed by") {
    Record record = ruleless();
    record.stage = "flowtable";
    record.verdict = "continue";
    record.method = "hook";
    CHECK(decision(record) == "hooks not traversed: flow offloaded");
    const auto paths = assemble({}, {record}, no_distance);
    CHECK(explain(paths.at(0)).find("offloaded") != std::string::npos);
}

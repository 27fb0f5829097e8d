// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/matrix/mutate.hpp"
#include "harness/scenario/reader.hpp"
#include "tests/catch.hpp"

using namespace nflab;

namespace {

scenario::Scenario scenario_of(const std::string& apply, const std::string& expect,
                               const std::string& run = {}) {
    const std::string text =
        "name: m\nnetworks: { lan: 10.0.0.0/24 }\nnodes:\n"
        "  router: { kind: vm, trace: verdicts, addresses: { lan: 10.0.0.1 } }\n"
        "  client: { kind: netns, addresses: { lan: 10.0.0.2 } }\n"
        "steps:\n- name: s\n  apply:\n    router:\n" +
        apply + run + "  send: [{ ping: router, from: client }]\n  expect:\n" + expect;
    auto result = scenario::read(text, "m.yaml", {});
    for (const auto& problem : result.problems)
        UNSCOPED_INFO(problem.where.line << ": " << problem.message);
    REQUIRE(result.scenario);
    return *result.scenario;
}

const std::string two_rules = "      nftables: |\n"
                              "        table ip filter {\n"
                              "          chain input {\n"
                              "            type filter hook input priority 0; policy accept;\n"
                              "            tcp dport 80 accept\n"
                              "            tcp dport 23 drop comment \"accept no telnet\"\n"
                              "          }\n"
                              "        }\n";

} // namespace

TEST_CASE("the rule that an expectation names comes first, with its verdict turned round") {
    const auto all = matrix::mutants(scenario_of(
        two_rules,
        "    - { at: router, verdict: accept, by: { nft: ip filter input, rule: tcp dport "
        "80 } }\n"
        "    - { at: router, verdict: drop, by: { nft: ip filter input, rule: tcp dport "
        "23 } }\n"));
    REQUIRE(all.size() == 3);
    CHECK(all[0].what == "ip filter input: 'tcp dport 23 drop comment \"accept no telnet\"' made "
                         "'tcp dport 23 accept comment \"accept no telnet\"'");
    CHECK(all[0].where == "m.yaml:15");
    CHECK(all[1].what == "ip filter input: 'tcp dport 80 accept' made 'tcp dport 80 drop'");
    CHECK(all[2].what == "ip filter input: 'policy accept' made 'policy drop'");
    CHECK(all[1].scenario.steps[0].apply[0].text.find("tcp dport 80 drop\n") != std::string::npos);
    CHECK(all[1].scenario.steps[0].apply[0].text.find("tcp dport 23 drop comment") !=
          std::string::npos);
}

TEST_CASE("a rule without a verdict is left out, a policy is turned round") {
    const auto all = matrix::mutants(scenario_of(
        "      iptables-legacy: |\n"
        "        *filter\n        :INPUT DROP [0:0]\n        -A INPUT -p icmp -j REJECT\n"
        "        COMMIT\n",
        "    - { at: router, verdict: reject, by: { iptables: filter/INPUT, rule: 1 } }\n"
        "    - { at: router, verdict: drop, by: { iptables: filter/INPUT, rule: policy } }\n"));
    REQUIRE(all.size() == 2);
    CHECK(all[0].what == "filter/INPUT: '-A INPUT -p icmp -j REJECT' left out");
    CHECK(all[1].what == "filter/INPUT: ':INPUT DROP [0:0]' made ':INPUT ACCEPT [0:0]'");
}

TEST_CASE("commands that add rules come last") {
    const auto all =
        matrix::mutants(scenario_of(two_rules, "    - { dropped_by: none }\n",
                                    "  run:\n    - { on: router, command: nft add table ip x }\n"
                                    "    - { on: router, command: ip link }\n"));
    REQUIRE(all.size() == 4);
    CHECK(all[3].what == "`nft add table ip x` left out");
    CHECK(all[3].scenario.steps[0].run[0].command == "true");
}

TEST_CASE("every scenario of the library has a rule that can be altered") {
    const auto scenario = scenario::load(NFLAB_SOURCE_DIR "/scenarios/seeds/nat-forward-drop.yaml");
    const auto all = matrix::mutants(scenario);
    REQUIRE_FALSE(all.empty());
    CHECK(all[0].what.find("FORWARD") != std::string::npos);
}

TEST_CASE("a rule is altered in the ruleset that was loaded last before it is expected") {
    const std::string ruleset = "nftables: \"add rule ip filter input tcp dport 23 drop\" } }";
    const std::string text =
        "name: m\nnetworks: { lan: 10.0.0.0/24 }\nnodes:\n"
        "  router: { kind: vm, trace: verdicts, addresses: { lan: 10.0.0.1 } }\n"
        "steps:\n- apply: { router: { " +
        ruleset + "\n- apply: { router: { " + ruleset +
        "\n  kernels: '>=6.1'\n  run: [{ on: router, command: 'true' }]\n  expect:\n"
        "    - { at: router, verdict: drop, by: { nft: ip filter input, rule: tcp dport 23 } }\n"
        "- apply: { router: { " +
        ruleset + "\n";
    const auto result = scenario::read(text, "m.yaml", {});
    REQUIRE(result.scenario);
    const auto all = matrix::mutants(*result.scenario);
    REQUIRE(all.size() == 3);
    CHECK(all[0].where == "m.yaml:7");
    CHECK(all[0].kernels == ">=6.1");
    CHECK(all[1].where == "m.yaml:6");
    CHECK(all[1].kernels.empty());
}

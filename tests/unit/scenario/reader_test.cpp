// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "tests/catch.hpp"
#include "tests/unit/scenario/read_text.hpp"

#include <cstdlib>
#include <fstream>
#include <string>

using namespace nflab;
using namespace nflab::scenario;
using namespace std::chrono_literals;
using test::must_read;

TEST_CASE("the seed scenario reads as it is written") {
    const auto path = test::source_file("scenarios/seeds/nat-forward-drop.yaml");
    const Scenario scenario = load(path);
    CHECK(scenario.name == "nat-forward-drop");
    CHECK(scenario.file == path.string());
    CHECK(scenario.requires_features == std::vector<std::string>{"iptables-legacy"});
    CHECK(scenario.kernels == ">=5.10");
    CHECK(scenario.boot == Boot::fast);

    REQUIRE(scenario.nodes.size() == 3);
    const Node* router = scenario.find_node("router");
    REQUIRE(router != nullptr);
    CHECK(router->kind == NodeKind::vm);
    CHECK(router->trace == Trace::verdicts);
    CHECK(router->sysctls.at("net.ipv4.ip_forward") == "1");
    REQUIRE(router->interfaces.size() == 2);
    CHECK(router->interfaces[0].name == "eno2");
    CHECK(router->interfaces[0].addresses == std::vector<std::string>{"192.168.4.1/24"});
    const Node* client = scenario.find_node("client");
    REQUIRE(client != nullptr);
    CHECK(client->interfaces.at(0).name == "eth0");
    CHECK(client->gateways == std::vector<std::string>{"192.168.4.1"});

    REQUIRE(scenario.steps.size() == 2);
    const Step& first = scenario.steps[0];
    REQUIRE(first.apply.size() == 2);
    CHECK(first.apply[0].engine == "iptables-legacy");
    CHECK(first.apply[0].text == "*filter\n:FORWARD DROP [0:0]\nCOMMIT\n");
    CHECK(first.apply[1].engine == "nftables");
    REQUIRE(first.send.size() == 1);
    CHECK(first.send[0].protocol == Protocol::icmp);
    CHECK(first.send[0].to == "server");
    CHECK(first.send[0].count == 3);
    CHECK_FALSE(first.send[0].ipv6);
    const Expectation& drop = first.expect.at(1);
    CHECK(drop.filter.protocol == Protocol::icmp);
    CHECK(drop.hook == "forward");
    CHECK(drop.count == 3);
    REQUIRE(drop.by);
    CHECK(drop.by->engine == "iptables");
    CHECK(drop.by->table == "filter");
    CHECK(drop.by->chain == "FORWARD");
    CHECK(drop.by->rule == "policy");
    CHECK(drop.by->match.kind == RuleMatch::Kind::policy);
    CHECK(first.expect.at(3).reply == 0);

    const Step& second = scenario.steps[1];
    CHECK(second.run.at(0).command == "iptables-legacy -t filter --policy FORWARD ACCEPT");
    CHECK(second.expect.at(0).reply == 3);
    CHECK(second.expect.at(1).snat == "10.53.134.1");
    CHECK(second.expect.at(2).dropped_by_none);
}

TEST_CASE("where a ruleset's first line stands") {
    const Scenario scenario = must_read(test::topology() + R"(steps:
  - apply:
      router:
        nftables: |
          flush ruleset
        iptables-legacy: "*filter\nCOMMIT"
)");
    const auto& apply = scenario.steps.at(0).apply;
    CHECK(apply.at(0).where.line == 16);
    CHECK(apply.at(1).where.line == 17);
    CHECK(apply.at(1).text == "*filter\nCOMMIT\n");
}

TEST_CASE("rulesets come from files beside the scenario") {
    std::string asked;
    const auto files = [&asked](const std::string& path) {
        asked = path;
        return FileContent{"flush ruleset\n", {}};
    };
    const auto result = read(test::topology() + "steps: [{ apply: { router: { nftables: { file: "
                                                "../rules/a.nft } } } }]\n",
                             "scenarios/seeds/case.yaml", files);
    REQUIRE(result.scenario);
    CHECK(asked == "scenarios/rules/a.nft");
    const Ruleset& ruleset = result.scenario->steps.at(0).apply.at(0);
    CHECK(ruleset.file == asked);
    CHECK(ruleset.text == "flush ruleset\n");
    CHECK(ruleset.where.line == 1);
}

TEST_CASE("a mistake in a ruleset's file is reported in that file") {
    const auto files = [](const std::string&) {
        return FileContent{"# gr\xc3\xbc\xc3\x9f\n# \xc3\xbc\xff\n", {}};
    };
    const auto result =
        read(test::topology() + "steps: [{ apply: { router: { nftables: { file: a.nft } } } }]\n",
             "case.yaml", files);
    REQUIRE(result.problems.size() == 1);
    CHECK(to_string(result.problems[0]) ==
          "a.nft:2:4: byte 0xff is not UTF-8; write the ruleset as UTF-8 text");
}

TEST_CASE("who answers tcp and udp") {
    const Scenario scenario = must_read(test::topology() + R"(steps:
  - send:
      - { tcp: server, from: client, port: 80 }
      - { udp: 10.0.1.11, from: client, port: 53, source_port: 5353, size: 0, interval: 5ms }
      - { tcp: 10.0.1.200, from: client, port: 80, timeout: 2s }
      - { tcp: 10.0.1.200, from: client, port: 80, listen: server }
)");
    const auto& send = scenario.steps.at(0).send;
    CHECK(send.at(0).listen == "server");
    CHECK(send.at(1).listen == "server");
    CHECK(send.at(1).source_port == 5353);
    CHECK(send.at(1).size == 0);
    CHECK(send.at(1).interval == 5ms);
    CHECK_FALSE(send.at(2).listen);
    CHECK(send.at(2).timeout == 2s);
    CHECK(send.at(3).listen == "server");
}

TEST_CASE("which family is sent to") {
    const Scenario scenario =
        must_read(test::topology() + R"(  six: { kind: netns, addresses: { wan: "fd00::6" } }
steps:
  - send:
      - { ping: server, from: router }
      - { ping: server, from: router, family: ipv6 }
      - { ping: "fd00::11", from: router }
      - { ping: six, from: server }
)");
    const auto& send = scenario.steps.at(0).send;
    CHECK_FALSE(send.at(0).ipv6);
    CHECK(send.at(1).ipv6);
    CHECK(send.at(2).ipv6);
    CHECK(send.at(3).ipv6);
}

namespace {

Expectation expectation(const std::string& text) {
    return must_read(test::topology() +
                     "steps: [{ send: [{ ping: server, from: client }], expect: [" + text +
                     "] }]\n")
        .steps.at(0)
        .expect.at(0);
}

RuleMatch rule(const std::string& decider) {
    return expectation("{ at: router, by: { " + decider + " } }").by.value().match;
}

} // namespace

TEST_CASE("packet filters") {
    const PacketFilter filter =
        expectation("{ at: router, packet: tcp sport 1024 dport 80 from client to server }").filter;
    CHECK(filter.protocol == Protocol::tcp);
    CHECK(filter.source_port == 1024);
    CHECK(filter.destination_port == 80);
    CHECK(filter.from == std::vector<std::string>{"10.0.0.2"});
    CHECK(filter.to == std::vector<std::string>{"10.0.1.11", "fd00::11"});
    CHECK(expectation("{ at: router, packet: \"to FD00:0::1\" }").filter.to ==
          std::vector<std::string>{"fd00::1"});
    CHECK(expectation("{ at: router, hook: forward }").filter.empty());
}

TEST_CASE("ways to name a rule") {
    using Kind = RuleMatch::Kind;
    CHECK(rule("nft: ip nat postrouting").kind == Kind::any);
    CHECK(rule("nft: inet filter input, rule: policy").kind == Kind::policy);
    CHECK(rule("iptables: filter/FORWARD, rule: { policy: true }").kind == Kind::policy);
    CHECK(rule("nft: ip nat postrouting, rule: handle 7").kind == Kind::handle);
    CHECK(rule("nft: ip nat postrouting, rule: handle 7").number == 7);
    CHECK(rule("nft: ip nat postrouting, rule: { handle: 7 }").number == 7);
    CHECK(rule("iptables: filter/mine, rule: 2").kind == Kind::number);
    CHECK(rule("iptables: filter/FORWARD, rule: \"#2\"").number == 2);
    CHECK(rule("ip6tables: filter/FORWARD, rule: { number: 2 }").number == 2);
    CHECK(rule("nft: ip nat postrouting, rule: masquerade").kind == Kind::text);
    CHECK(rule("nft: ip nat postrouting, rule: \"7\"").kind == Kind::text);
    CHECK(rule("nft: ip nat postrouting, rule: { comment: \"a b\" }").kind == Kind::comment);
    CHECK(rule("nft: ip nat postrouting, rule: { comment: \"a b\" }").text == "a b");
    CHECK(expectation("{ at: router, by: { iptables: filter/FORWARD, rule: 2 } }").by->rule ==
          "#2");
}

TEST_CASE("an expectation keeps its text for messages") {
    CHECK(expectation("{ at: router, verdict: drop, by: { nft: ip a b, rule: \"x y\" } }").text ==
          "{ at: router, verdict: drop, by: { nft: ip a b, rule: \"x y\" } }");
}

TEST_CASE("anchors that stay small are fine") {
    const Scenario scenario = must_read(test::topology() + R"(steps:
  - send: &ping [{ ping: server, from: client }]
  - send: *ping
)");
    CHECK(scenario.steps.at(1).send.at(0).to == "server");
    CHECK(scenario.steps.at(1).name == "step 2");
}

TEST_CASE("byte order marks and Windows line ends are fine") {
    std::string text = "\xef\xbb\xbf";
    for (const char c : test::topology())
        text += c == '\n' ? std::string("\r\n") : std::string(1, c);
    CHECK(must_read(text).nodes.size() == 3);
}

TEST_CASE("what no bad/ file can hold") {
    using Lines = std::vector<std::string>;
    CHECK(test::messages(test::read("")) ==
          Lines{"1:1: the file is empty; a scenario starts with `name:`"});
    CHECK(test::messages(test::read("# only a comment\n")) ==
          Lines{"1:1: the file is empty; a scenario starts with `name:`"});
    CHECK(test::messages(test::read("name: x\nsummary: gr\xc3\xbc\xc3\x9f \xff\n")) ==
          Lines{"2:15: byte 0xff is not UTF-8; save the file as UTF-8 text"});
    CHECK(test::messages(test::read(std::string("name: x\n\0", 9))) ==
          Lines{"2:1: control character U+0000 in a text; save the file as UTF-8 text"});
    CHECK(test::messages(test::read("name: \"a\\0b\"\nnodes: { a: { kind: vm } }\n")) ==
          Lines{"1:7: 'name' holds a NUL character; no program takes one: leave it out"});
    const auto large = test::messages(test::read(std::string(2U << 20U, ' ')));
    REQUIRE(large.size() == 1);
    CHECK(large[0].rfind("1:1: the file is too large: 2097152 bytes", 0) == 0);
}

TEST_CASE("load says all that is wrong in one error") {
    const auto path = std::filesystem::temp_directory_path() / "nflab-test-load.yaml";
    std::ofstream(path) << "name: x\nboot: fats\n";
    std::string message;
    Failure failure = Failure::lab;
    try {
        load(path);
    } catch (const Error& error) {
        message = error.what();
        failure = error.failure();
    }
    std::filesystem::remove(path);
    CHECK(failure == Failure::bad_input);
    CHECK(message == "2 mistakes in scenario '" + path.string() + "'\n" + path.string() +
                         ":1:1: a scenario has no 'nodes'; add `nodes:`\n" + path.string() +
                         ":2:7: unknown boot 'fats'; did you mean 'fast'?");
    CHECK_THROWS_AS(load("/no/such/scenario.yaml"), Error);
    CHECK_THROWS_AS(load("/dev/zero"), Error);
    CHECK_THROWS_AS(load("/"), Error);
}

TEST_CASE("a file of nothing but mistakes gives as many messages as people read") {
    std::string text = "name: case\n";
    for (int number = 0; number < 500; ++number)
        text += "key" + std::to_string(number) + ": 1\n";
    const auto messages = test::messages(test::read(text));
    REQUIRE(messages.size() == 101);
    CHECK(messages.back() == "100:1: 401 more mistakes are not shown; correct these first");
}

TEST_CASE("a message is one line, whatever it quotes") {
    const auto messages =
        test::messages(test::read("name: case\n\"a\\nb\\e\": 1\nnodes: { a: { kind: vm } }\n"));
    REQUIRE(messages.size() == 1);
    CHECK(messages[0].rfind("2:1: unknown key 'a\\nb\\x1b' in a scenario; ", 0) == 0);
    const auto cut = test::messages(test::read("name: case\n" + std::string(1000, 'x') + ": 1\n"));
    CHECK(cut.at(1).size() < 600);
}

TEST_CASE("a problem is shown with its line and a caret") {
    const Diagnostic problem{"a.yaml", {2, 9}, "unknown hook 'x'", "did you mean 'y'?"};
    CHECK(show(problem, "a: 1\n\tgr\xc3\xbc\xc3\x9f: x\n") ==
          "a.yaml:2:9: unknown hook 'x'; did you mean 'y'?\n"
          "    2 | \tgr\xc3\xbc\xc3\x9f: x\n"
          "      | \t       ^");
    CHECK(show(problem, "only one line") == "a.yaml:2:9: unknown hook 'x'; did you mean 'y'?");
}

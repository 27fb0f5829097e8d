// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/scenario/parameters.hpp"
#include "tests/catch.hpp"
#include "tests/unit/scenario/read_text.hpp"

#include <map>

using namespace nflab;
using namespace nflab::scenario;

namespace {

using Files = std::map<std::string, std::string>;

ReadResult read_files(const Files& files) {
    return read(files.at("lab/case.yaml"), "lab/case.yaml", [&](const std::string& path) {
        const auto file = files.find(path);
        return file == files.end() ? FileContent{std::nullopt, "no such file"}
                                   : FileContent{file->second, {}};
    });
}

std::vector<Scenario> all_of(const ReadResult& result) {
    CHECK(test::messages(result).empty());
    REQUIRE(result.scenario);
    std::vector<Scenario> all = {*result.scenario};
    all.insert(all.end(), result.others.begin(), result.others.end());
    return all;
}

std::vector<std::string> problems_of(const ReadResult& result) {
    std::vector<std::string> lines;
    for (const auto& problem : result.problems)
        lines.push_back(to_string(problem));
    return lines;
}

std::vector<std::string> names_of(const std::vector<Scenario>& scenarios) {
    std::vector<std::string> names;
    for (const auto& scenario : scenarios)
        names.push_back(scenario.full_name());
    return names;
}

const std::string pair = R"yaml(networks: { lan: 10.0.0.0/24 }
nodes:
  client: { kind: netns, addresses: { lan: 10.0.0.2 } }
  router: { kind: vm, addresses: { lan: 10.0.0.1 }, trace: verdicts }
)yaml";

} // namespace

TEST_CASE("what includes comes after what is included, and wins") {
    const auto result = read_files(
        {{"lab/case.yaml", "name: case\ninclude: ../parts/pair.part.yaml\nsummary: mine\n"
                           "nodes: { router: { cpus: 2 } }\n"
                           "steps: [{ name: second, run: [{ on: router, command: id }] }]\n"},
         {"parts/pair.part.yaml",
          pair + "summary: theirs\nrequires: ipset\n"
                 "steps: [{ name: first, apply: { router: { nftables: { file: a.nft } } } }]\n"},
         {"parts/a.nft", "flush ruleset\n"}});
    const Scenario scenario = all_of(result).at(0);
    CHECK(scenario.summary == "mine");
    CHECK(scenario.requires_features == std::vector<std::string>{"ipset"});
    REQUIRE(scenario.nodes.size() == 2);
    CHECK(scenario.find_node("router")->cpus == 2);
    CHECK(scenario.find_node("router")->trace == Trace::verdicts);
    REQUIRE(scenario.steps.size() == 2);
    CHECK(scenario.steps[0].name == "first");
    CHECK(scenario.file_of(scenario.steps[0].where) == "parts/pair.part.yaml");
    CHECK(scenario.steps[0].apply.at(0).file == "parts/a.nft");
    CHECK(scenario.file_of(scenario.steps[1].where) == "lab/case.yaml");
}

TEST_CASE("a mistake in an included file is reported in that file") {
    CHECK(problems_of(read_files({{"lab/case.yaml", "name: case\ninclude: [pair.part.yaml]\n"},
                                  {"lab/pair.part.yaml", pair + "stepps: []\n"}})) ==
          std::vector<std::string>{
              "lab/pair.part.yaml:5:1: unknown key 'stepps' in a scenario; did you mean 'steps'?"});
    CHECK(problems_of(read_files({{"lab/case.yaml", "name: case\ninclude: [b.part.yaml]\n" + pair},
                                  {"lab/b.part.yaml", "nodes: [\n"}}))
              .at(0)
              .rfind("lab/b.part.yaml:2:1: this is not YAML", 0) == 0);
    CHECK(problems_of(read_files({{"lab/case.yaml", "name: case\ninclude: [b.part.yaml]\n" + pair},
                                  {"lab/b.part.yaml", "name: other\n"}})) ==
          std::vector<std::string>{"lab/b.part.yaml:1:7: an included file has no name of its own; "
                                   "leave `name` out: the scenario that includes it has one"});
}

TEST_CASE("files that include each other are refused") {
    const auto problems =
        problems_of(read_files({{"lab/case.yaml", "name: case\ninclude: [a.part.yaml]\n" + pair},
                                {"lab/a.part.yaml", "include: [b.part.yaml]\n"},
                                {"lab/b.part.yaml", "include: [a.part.yaml]\n"}}));
    CHECK(problems == std::vector<std::string>{
                          "lab/b.part.yaml:1:11: 'lab/a.part.yaml' includes itself: "
                          "lab/a.part.yaml -> lab/b.part.yaml -> lab/a.part.yaml; break the "
                          "circle"});
}

TEST_CASE("parameters are combined, and stand in keys, words, numbers and texts") {
    const auto scenarios = all_of(test::read(R"yaml(name: case
with: { engine: [iptables-nft, ip6tables-nft], port: [80, 443] }
)yaml" + pair + R"yaml(steps:
  - apply:
      router:
        $(engine): "*filter\n-A INPUT -p tcp --dport $(port) -j DROP\nCOMMIT\n"
    run: [{ on: router, command: "echo $(hostname) $(engine)" }]
    send: [{ tcp: router, from: client, port: $(port) }]
    expect: [{ at: router, by: { $(engine): filter/INPUT, rule: 1 } }]
)yaml"));
    CHECK(names_of(scenarios) == std::vector<std::string>{"case [engine=iptables-nft, port=80]",
                                                          "case [engine=iptables-nft, port=443]",
                                                          "case [engine=ip6tables-nft, port=80]",
                                                          "case [engine=ip6tables-nft, port=443]"});
    const Step& step = scenarios.at(3).steps.at(0);
    CHECK(step.apply.at(0).engine == "ip6tables-nft");
    CHECK(step.apply.at(0).text.find("--dport 443 ") != std::string::npos);
    CHECK(step.run.at(0).command == "echo $(hostname) ip6tables-nft");
    CHECK(step.send.at(0).port == 443);
}

TEST_CASE("rows of parameters, and values that are no texts") {
    const auto scenarios = all_of(test::read(R"yaml(name: case
with:
  - { drop: { nft: inet f in }, size: 10 }
  - { drop: { none: route }, size: 20 }
)yaml" + pair + R"yaml(steps:
  - send: [{ ping: router, from: client, size: $(size) }]
    expect: [{ at: router, by: $(drop), verdict: drop }]
)yaml"));
    REQUIRE(scenarios.size() == 2);
    CHECK(scenarios[0].full_name() == "case [drop={ nft: inet f in }, size=10]");
    CHECK(scenarios[1].steps.at(0).expect.at(0).by->stage == "route");
    CHECK(scenarios[1].steps.at(0).send.at(0).size == 20);
}

TEST_CASE("a mistake that all variants share is told once") {
    CHECK(
        test::messages(test::read("name: case\nwith: { port: [1, 2, 3] }\nnodess: {}\n" + pair)) ==
        std::vector<std::string>{"3:1: unknown key 'nodess' in a scenario; did you mean 'nodes'?"});
}

TEST_CASE("parameters cannot fill the memory") {
    const std::string large(100'000, 'x');
    std::string uses;
    for (int i = 0; i < 100; ++i)
        uses += "$(x)";
    const auto lines = test::messages(
        test::read("name: case\nwith: { x: [" + large + "] }\n" + pair +
                   "steps: [{ run: [{ on: router, command: \"" + uses + "\" }] }]\n"));
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].find("make this scenario too large") != std::string::npos);
}

TEST_CASE("variants are chosen by values") {
    const auto scenarios = all_of(
        test::read("name: case\nwith: { a: [1, 2], b: [x, y] }\n" + pair + "summary: $(a) $(b)\n"));
    CHECK(names_of(choose(scenarios, {{"a", "2"}})) ==
          std::vector<std::string>{"case [a=2, b=x]", "case [a=2, b=y]"});
    CHECK(names_of(choose(scenarios, {{"a", "2"}, {"b", "x"}})) ==
          std::vector<std::string>{"case [a=2, b=x]"});
    CHECK_THROWS_AS(choose(scenarios, {{"a", "3"}}), Error);
    CHECK_THROWS_AS(choose(scenarios, {{"c", "3"}}), Error);
    CHECK_THROWS_AS(choose(scenarios, {{"a", "1"}, {"a", "2"}}), Error);
}

TEST_CASE("defaults stand where nothing else does") {
    const auto scenario = test::must_read(R"yaml(name: case
defaults:
  vm: { trace: verdicts, cpus: 2 }
  netns: { gateway: 10.0.0.1 }
  send: { from: client, timeout: 300ms }
  expect: { at: router, hook: input }
networks: { lan: 10.0.0.0/24 }
nodes:
  client: { kind: netns, addresses: { lan: 10.0.0.2 } }
  router: { kind: vm, addresses: { lan: 10.0.0.1 }, cpus: 1 }
steps:
  - send: [{ ping: router }, { ping: client, from: router }]
    expect: [{ verdict: accept }, { hook: output }, { at: client, reply: none }, { dropped_by: none }]
)yaml");
    CHECK(scenario.find_node("router")->trace == Trace::verdicts);
    CHECK(scenario.find_node("router")->cpus == 1);
    CHECK(scenario.find_node("client")->gateways == std::vector<std::string>{"10.0.0.1"});
    const Step& step = scenario.steps.at(0);
    CHECK(step.send.at(0).from == "client");
    CHECK(step.send.at(1).from == "router");
    CHECK(step.send.at(1).timeout == std::chrono::milliseconds(300));
    CHECK(step.expect.at(0).at == "router");
    CHECK(step.expect.at(0).hook == "input");
    CHECK(step.expect.at(1).hook == "output");
    CHECK(step.expect.at(2).at == "client");
    CHECK(step.expect.at(3).at.empty());
}

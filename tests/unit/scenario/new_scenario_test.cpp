// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/format.hpp"
#include "harness/scenario/new_scenario.hpp"
#include "harness/scenario/reader.hpp"
#include "tests/catch.hpp"

using namespace nflab::scenario;

TEST_CASE("every template gives a scenario without mistakes, laid out as fmt does it") {
    for (const Named& topology : new_topologies())
        for (const Named& engine : new_engines())
            for (const std::string drop : {"icmp", "tcp/23", "udp/53"})
                for (const std::string pass : {"icmp", "tcp/80", "udp/123"}) {
                    NewScenario wishes{"my-case",
                                       std::string(topology.name),
                                       std::string(engine.name),
                                       drop,
                                       pass,
                                       "../schema.json"};
                    if (drop == pass)
                        continue;
                    REQUIRE(wrong_wish(wishes).empty());
                    const std::string text = new_scenario(wishes);
                    INFO(text);
                    const ReadResult result = read(text, "my-case.yaml", {});
                    for (const auto& problem : result.problems)
                        FAIL_CHECK(problem.where.line << ": " << problem.message);
                    const auto formatted = format(text);
                    REQUIRE(formatted.text);
                    CHECK(*formatted.text == text);
                }
}

TEST_CASE("wishes that cannot be granted are named") {
    const auto wrong = [](NewScenario wishes) { return wrong_wish(wishes); };
    CHECK(wrong({.name = "a b"}).find("cannot be a scenario's name") != std::string::npos);
    CHECK(wrong({.name = ""}).find("cannot be a scenario's name") != std::string::npos);
    CHECK(wrong({.name = "a", .topology = "star"}).find("there are router, single") !=
          std::string::npos);
    CHECK(wrong({.name = "a", .engine = "pf"}).find("nftables") != std::string::npos);
    for (const char* text : {"tcp", "tcp/0", "tcp/65536", "tcp/8x", "sctp/5", ""})
        CHECK(wrong({.name = "a", .drop = text}).find("is no traffic") != std::string::npos);
    CHECK(wrong({.name = "a", .drop = "icmp", .pass = "icmp"}).find("pass as well") !=
          std::string::npos);
    CHECK(wrong({.name = "a"}).empty());
}

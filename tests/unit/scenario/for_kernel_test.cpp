// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/for_kernel.hpp"
#include "tests/catch.hpp"
#include "tests/unit/scenario/read_text.hpp"

using namespace nflab;
using namespace nflab::scenario;

namespace {

constexpr const char* text = R"(name: case
nodes: { a: { kind: vm, trace: verdicts } }
steps:
  - name: for all
    run: [{ on: a, command: "true" }]
    expect:
      - { at: a, packet: tcp, verdict: drop, kernels: "<6.12" }
      - { at: a, packet: tcp, verdict: accept, kernels: ">=6.12" }
      - { at: a, packet: udp }
  - { name: for new ones, kernels: ">=6.12", run: [{ on: a, command: "true" }] }
)";

} // namespace

TEST_CASE("a step or expectation for other kernels is left out") {
    const Scenario scenario = test::must_read(text);
    const Scenario old = for_kernel(scenario, "6.1.0-56-cloud-amd64");
    REQUIRE(old.steps.size() == 1);
    REQUIRE(old.steps[0].expect.size() == 2);
    CHECK(old.steps[0].expect[0].verdict == "drop");
    const Scenario fresh = for_kernel(scenario, "6.12.94");
    REQUIRE(fresh.steps.size() == 2);
    REQUIRE(fresh.steps[0].expect.size() == 2);
    CHECK(fresh.steps[0].expect[0].verdict == "accept");
    CHECK(fresh.steps[0].expect[1].filter.protocol == Protocol::udp);
}

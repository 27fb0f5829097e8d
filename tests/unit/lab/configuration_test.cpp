// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/lab/configuration.hpp"
#include "tests/catch.hpp"
#include "tests/unit/lab/example_plan.hpp"

using namespace nflab;

TEST_CASE("a node's configuration is the plan's part of it and everybody's name") {
    const plan::Plan plan = example_plan();
    const channel::Configuration router = lab::configuration_of(plan, plan.nodes[1]);
    CHECK(router.hostname == "router");
    REQUIRE(router.nics.size() == 2);
    CHECK(router.nics[1].name == "eno1");
    CHECK(router.nics[1].mac == "52:54:00:00:02:02");
    CHECK(router.nics[1].mtu == 9000);
    CHECK(router.nics[1].set_mac.empty());
    CHECK(router.sysctls == plan.nodes[1].sysctls);
    CHECK(router.clock_ns == 0);

    const channel::Configuration client = lab::configuration_of(plan, plan.nodes[0]);
    using Pairs = std::vector<std::pair<std::string, std::string>>;
    CHECK(client.routes == Pairs{{"default", "192.168.4.1"}});
    CHECK(client.hosts == Pairs{{"192.168.4.110", "client"},
                                {"192.168.4.1", "router"},
                                {"10.53.134.1", "router"},
                                {"10.53.134.11", "server"}});
}

TEST_CASE("entropy is 64 fresh bytes in base64") {
    const std::string first = lab::fresh_entropy();
    CHECK(first.size() == 88);
    CHECK(first != lab::fresh_entropy());
}

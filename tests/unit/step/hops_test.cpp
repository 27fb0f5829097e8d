// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/step/hops.hpp"
#include "tests/catch.hpp"

using namespace nflab;

TEST_CASE("distance counts networks between nodes") {
    plan::Plan plan;
    const auto add = [&](const std::string& name, const std::vector<std::string>& networks) {
        plan::Node node;
        node.name = name;
        for (const std::string& network : networks) {
            plan::Nic nic;
            nic.network = network;
            node.nics.push_back(nic);
        }
        plan.nodes.push_back(node);
    };
    add("client", {"lan"});
    add("router", {"lan", "mid"});
    add("border", {"mid", "wan"});
    add("server", {"wan"});
    const auto distance = step::hop_distance(plan);
    CHECK(distance("client", "client") == 0);
    CHECK(distance("client", "router") == 1);
    CHECK(distance("client", "border") == 2);
    CHECK(distance("client", "server") == 3);
    CHECK(distance("server", "border") == 1);
}

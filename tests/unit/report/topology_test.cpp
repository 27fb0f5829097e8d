// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/report/topology_drawing.hpp"
#include "tests/catch.hpp"

#include <algorithm>

using namespace nflab;

namespace {

plan::Node node(const std::string& name, const std::vector<plan::Nic>& nics) {
    plan::Node node;
    node.name = name;
    node.nics = nics;
    return node;
}

// The router first, as people write it.
std::vector<plan::Node> nodes() {
    return {node("router", {{"eno2", "lan", "", {"192.0.2.1/24", "2001:db8::1/64"}, 1500},
                            {"eno1", "wan", "", {"198.51.100.1/24"}, 1500}}),
            node("client", {{"eth0", "lan", "", {"192.0.2.2/24"}, 1500}}),
            node("server", {{"eth0", "wan", "", {"198.51.100.2/24"}, 1500}})};
}

const std::vector<plan::Network> networks{{"lan", "lan"}, {"wan", "wan"}};

bool overlap(const report::Box& a, const report::Box& b) {
    return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height &&
           b.y < a.y + a.height;
}

} // namespace

TEST_CASE("a chain of nodes and networks is drawn from one end to the other") {
    const auto drawing = report::draw_topology(nodes(), networks);
    REQUIRE(drawing.nodes.size() == 3);
    const auto& router = drawing.nodes[0].box;
    const auto& client = drawing.nodes[1].box;
    const auto& server = drawing.nodes[2].box;
    CHECK(client.x < drawing.networks[0].box.x);
    CHECK(drawing.networks[0].box.x < router.x);
    CHECK(router.x < drawing.networks[1].box.x);
    CHECK(drawing.networks[1].box.x < server.x);
    CHECK(drawing.wires.size() == 4);
    CHECK(drawing.networks[0].subnets == std::vector<std::string>{"192.0.2.0/24", "2001:db8::/64"});
    REQUIRE(drawing.nodes[0].interfaces.size() == 3);
    CHECK(drawing.nodes[0].interfaces[1].name.empty()); // a second address of the same
}

TEST_CASE("nothing in a drawing lies on anything else, or outside") {
    auto many = nodes();
    many.push_back(node("alone", {}));
    many.push_back(node("second", {{"eth0", "lan", "", {"192.0.2.3/24"}, 1500}}));
    many.push_back(node("both", {{"a", "lan", "", {}, 1500}, {"b", "wan", "", {}, 1500}}));
    auto with_empty = networks;
    with_empty.push_back({"unused", "unused"});
    const auto drawing = report::draw_topology(many, with_empty);
    std::vector<report::Box> boxes;
    for (const auto& each : drawing.nodes)
        boxes.push_back(each.box);
    for (const auto& each : drawing.networks)
        boxes.push_back(each.box);
    for (std::size_t i = 0; i < boxes.size(); ++i) {
        CHECK(boxes[i].x >= 0);
        CHECK(boxes[i].x + boxes[i].width <= drawing.width);
        CHECK(boxes[i].y + boxes[i].height <= drawing.height);
        for (std::size_t k = i + 1; k < boxes.size(); ++k)
            CHECK_FALSE(overlap(boxes[i], boxes[k]));
    }
    CHECK(drawing.wires.size() == 7);
}

TEST_CASE("the picture is the same each time, and says in words what it shows") {
    const std::string picture = report::svg(report::draw_topology(nodes(), networks));
    CHECK(picture == report::svg(report::draw_topology(nodes(), networks)));
    CHECK(picture.find("aria-label=\"Topology: router (netns) in lan, wan; client (netns) in lan; "
                       "server (netns) in wan\"") != std::string::npos);
    CHECK(picture.find(" style=") == std::string::npos); // the page's policy forbids them
    CHECK(report::svg(report::draw_topology({}, {})).empty());
}

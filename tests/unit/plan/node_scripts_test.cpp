// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/plan/node_scripts.hpp"
#include "harness/plan/plan.hpp"
#include "harness/scenario/reader.hpp"
#include "tests/catch.hpp"

#include <nlohmann/json.hpp>

#include <string>

using namespace nflab;

namespace {

scenario::Scenario read(const std::string& node) {
    auto result = scenario::read("name: case\n"
                                 "networks: { lan: 10.0.0.0/24, wan: [10.0.1.0/24, 'fd00::/64'] }\n"
                                 "nodes:\n  a:\n    kind: vm\n" +
                                     node,
                                 "case.yaml", {});
    for (const auto& problem : result.problems)
        UNSCOPED_INFO(problem.message);
    REQUIRE(result.scenario);
    return *result.scenario;
}

} // namespace

TEST_CASE("a link is made after what it stands on, and comes up after it") {
    const auto scenario = read(R"(    interfaces: { eth0: { network: lan }, eth1: { network: lan } }
    links:
      br0.10: { kind: vlan, link: br0, id: 10, address: [10.0.0.1, "fd01::1/64"] }
      br0: { kind: bridge, ports: { eth0: { vlan: 10 }, bond0: {} }, trunk: [10, 20-29] }
      bond0: { kind: bond, mode: active-backup, ports: eth1 }
)");
    const auto& node = scenario.nodes.front();
    CHECK(plan::link_script(node) == "link add name br0 type bridge vlan_filtering 1\n"
                                     "link add name bond0 type bond mode active-backup miimon 100\n"
                                     "link add link br0 name br0.10 type vlan id 10\n"
                                     "link set dev eth0 master br0\n"
                                     "link set dev bond0 master br0\n"
                                     "link set dev eth1 master bond0\n"
                                     "link set dev eth0 up\n"
                                     "link set dev eth1 up\n"
                                     "link set dev br0 up\n"
                                     "link set dev bond0 up\n"
                                     "link set dev br0.10 up\n"
                                     "address add 10.0.0.1/24 dev br0.10\n"
                                     "address add fd01::1/64 dev br0.10 nodad\n");
    CHECK(plan::bridge_script(node) == "vlan del dev br0 vid 1 self\n"
                                       "vlan add dev br0 vid 10 self\n"
                                       "vlan add dev br0 vid 20-29 self\n"
                                       "vlan del dev eth0 vid 1\n"
                                       "vlan add dev eth0 vid 10 pvid untagged\n");
}

TEST_CASE("each kind of link says what ip-link needs") {
    const auto scenario = read(R"(    addresses: { wan: 10.0.1.1 }
    links:
      red: { kind: vrf, table: 100 }
      v0: { kind: veth, peer: box/eth0, peer_address: 192.0.2.2/24, mtu: 1400 }
      vx: { kind: vxlan, id: 42, link: eth0, remote: 10.0.1.2 }
      t0: { kind: gre, local: 10.0.1.1, remote: 10.0.1.2, options: key 7 }
      m0: { kind: macvlan, link: eth0, mode: bridge, mac: "02:00:00:00:00:0A" }
    netns: { box: {} }
)");
    const auto& node = scenario.nodes.front();
    const std::string script = plan::link_script(node);
    INFO(script);
    CHECK(script.find("link add name red type vrf table 100\n") != std::string::npos);
    CHECK(script.find("link add name v0 mtu 1400 type veth peer name eth0 netns box\n") !=
          std::string::npos);
    CHECK(script.find("type vxlan id 42 dstport 4789 remote 10.0.1.2 dev eth0\n") !=
          std::string::npos);
    CHECK(script.find("type gre local 10.0.1.1 remote 10.0.1.2 key 7\n") != std::string::npos);
    CHECK(script.find("link add link eth0 name m0 address 02:00:00:00:00:0a type macvlan mode "
                      "bridge\n") != std::string::npos);
    CHECK(plan::link_script(node.namespaces.front()) ==
          "link set dev eth0 mtu 1400\nlink set dev eth0 up\naddress add 192.0.2.2/24 dev eth0\n");
}

TEST_CASE("routes that say more than a next hop, rules and neighbours") {
    const auto scenario = read(R"(    addresses: { wan: [10.0.1.1, "fd00::1"] }
    routes:
      default: [10.0.1.9, via 10.0.1.8 table 7]
      192.0.2.0/24: blackhole
      "2001:db8::/32": unreachable metric 50
    rules: [fwmark 7 lookup 7, "-6 fwmark 7 lookup 7", "from fd00::/64 lookup 8"]
    neighbours: { "fd00::9": "02:00:00:00:00:0A" }
)");
    const auto& node = scenario.nodes.front();
    CHECK(plan::routing_script(node) ==
          "route add default via 10.0.1.8 table 7\n"
          "route add blackhole 192.0.2.0/24\n"
          "route add unreachable 2001:db8::/32 metric 50\n"
          "rule add fwmark 7 lookup 7\n"
          "neighbour replace fd00::9 lladdr 02:00:00:00:00:0a dev eth0 nud permanent\n");
    CHECK(plan::ipv6_rule_script(node) ==
          "rule add fwmark 7 lookup 7\nrule add from fd00::/64 lookup 8\n");
}

TEST_CASE("a plan with namespaces survives its way through JSON") {
    const auto scenario = read(R"(    interfaces: { eth0: { network: lan, trunk: 10, queues: 2 } }
    modules: [vrf]
    conntrack: { max: 64 }
    tc: qdisc add dev eth0 clsact
    netns:
      box: { addresses: { wan: 10.0.1.1 }, routes: { 10.9.0.0/16: 10.0.1.9 } }
)");
    plan::BootFiles boot;
    boot.kernel_release = "6.12";
    const plan::Plan plan = plan::make_plan(scenario, boot, "lab", plan::Accelerator::tcg);
    CHECK(plan.networks[0].vlan_aware);
    CHECK_FALSE(plan.networks[1].vlan_aware);
    CHECK(plan.nodes[0].modules == std::vector<std::string>{"vrf", "nf_conntrack"});
    REQUIRE(plan.find_node("a/box"));
    CHECK(plan.find_node("a/box")->routes.front().via == "10.0.1.9");
    CHECK(plan::all_nics(plan.nodes[0]).size() == 2);
    const nlohmann::json json = plan;
    CHECK(nlohmann::json(json.get<plan::Plan>()) == json);
    CHECK(json.get<plan::Plan>().find_node("a/box")->nics.front().mac ==
          plan.find_node("a/box")->nics.front().mac);
}

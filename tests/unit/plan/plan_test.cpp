// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/plan/plan.hpp"
#include "harness/scenario/reader.hpp"
#include "tests/catch.hpp"

#include <nlohmann/json.hpp>

#include <set>
#include <string>

using namespace nflab;

namespace {

scenario::Scenario example() {
    auto result = scenario::read(R"(name: case
kernels: ">=5.10"
networks:
  lan: 10.0.0.0/24
  a-network-with-a-long-name: [10.0.1.0/24, "fd00::/64"]
  a-network-with-a-longer-name: 10.0.2.0/24
nodes:
  client:
    kind: netns
    addresses: { lan: 10.0.0.2 }
    gateway: 10.0.0.1
    routes: { 10.9.0.0/16: 10.0.0.3 }
  router:
    kind: vm
    interfaces:
      eno1: { network: lan, address: 10.0.0.1, mtu: 1400 }
      eno2:
        network: a-network-with-a-long-name
        address: [10.0.1.1, "fd00::1/64"]
        mac: "02:00:00:00:00:0A"
    sysctl: { net.ipv4.ip_forward: 1 }
    trace: all
    cpus: 2
    memory: 256
)",
                                 "case.yaml", {});
    REQUIRE(result.scenario);
    return *result.scenario;
}

plan::BootFiles boot_files() {
    plan::BootFiles boot;
    boot.kernel_name = "6.12";
    boot.kernel_release = "6.12.94+deb13-cloud-amd64";
    boot.kernel = "/cache/vmlinux";
    boot.initrd = "/cache/initrd";
    boot.root_image = "/cache/root.erofs";
    boot.modules_image = "/cache/modules.erofs";
    boot.root_tree = "/cache/root";
    boot.command_line = "console=ttyS0";
    boot.agent = "/build/nflab-agent";
    boot.acpi = true;
    boot.alterations = {"mitigations=off"};
    return boot;
}

plan::Plan example_plan() {
    return plan::make_plan(example(), boot_files(), "lab", plan::Accelerator::tcg);
}

} // namespace

TEST_CASE("a plan has all that the scenario says") {
    const plan::Plan plan = example_plan();
    CHECK(plan.lab == "lab");
    CHECK(plan.scenario == "case.yaml");
    REQUIRE(plan.nodes.size() == 2);
    CHECK(plan.find_node("nobody") == nullptr);

    const plan::Node* client = plan.find_node("client");
    REQUIRE(client != nullptr);
    REQUIRE(client->routes.size() == 2);
    CHECK(client->routes[0].destination == "10.9.0.0/16");
    CHECK(client->routes[0].via == "10.0.0.3");
    CHECK(client->routes[1].destination == "default");
    CHECK(client->nics.at(0).mtu == 1500);

    const plan::Node* router = plan.find_node("router");
    REQUIRE(router != nullptr);
    CHECK(router->kind == scenario::NodeKind::vm);
    CHECK(router->trace == scenario::Trace::all);
    CHECK(router->cpus == 2);
    CHECK(router->memory_mib == 256);
    CHECK(router->sysctls.at(0) == std::pair<std::string, std::string>("net.ipv4.ip_forward", "1"));
    CHECK(router->nics.at(0).mtu == 1400);
    CHECK(router->nics.at(0).mac == plan::derive_mac("lab", "router", "eno1"));
    CHECK(router->nics.at(1).mac == "02:00:00:00:00:0a");
    CHECK(router->nics.at(1).addresses == std::vector<std::string>{"10.0.1.1/24", "fd00::1/64"});
}

TEST_CASE("bridges have names that the kernel takes, each its own") {
    std::set<std::string> names;
    for (const auto& network : example_plan().networks) {
        CHECK(network.bridge.size() <= 15);
        CHECK(names.insert(network.bridge).second);
    }
    CHECK(names == std::set<std::string>{"br-a-network-~1", "br-a-network-~2", "br-lan"});
}

TEST_CASE("a plan survives its way through JSON") {
    plan::Plan plan = example_plan();
    plan.accelerator_reason = "KVM does not run";
    plan.count_instructions = true;
    plan.deadlines.boot = std::chrono::milliseconds(1234);
    const nlohmann::json json = plan;
    const auto copy = nlohmann::json::parse(json.dump()).get<plan::Plan>();
    CHECK(nlohmann::json(copy) == json);
    CHECK(copy.deadlines.boot == plan.deadlines.boot);
    CHECK(copy.accelerator_reason == plan.accelerator_reason);
    CHECK(copy.count_instructions);
    CHECK(copy.boot.alterations == plan.boot.alterations);
    CHECK(copy.find_node("router")->nics.at(1).mac == "02:00:00:00:00:0a");
}

TEST_CASE("JSON that is not a plan is refused") {
    nlohmann::json json = example_plan();
    json["accelerator"] = "xen";
    CHECK_THROWS(json.get<plan::Plan>());
    json = example_plan();
    json.erase("nodes");
    CHECK_THROWS(json.get<plan::Plan>());
}

TEST_CASE("MAC addresses are local, unicast, stable and apart") {
    CHECK(plan::derive_mac("lab", "router", "eth0") == plan::derive_mac("lab", "router", "eth0"));
    std::set<std::string> seen;
    for (int number = 0; number < 1000; ++number) {
        const std::string mac = plan::derive_mac("lab", "router", "eth" + std::to_string(number));
        REQUIRE(mac.size() == 17);
        REQUIRE((std::stoi(mac.substr(0, 2), nullptr, 16) & 3) == 2);
        REQUIRE(seen.insert(mac).second);
    }
}

TEST_CASE("a kernel that the scenario rules out is refused") {
    plan::BootFiles boot = boot_files();
    boot.kernel_release = "5.4.0";
    CHECK_THROWS_AS(plan::make_plan(example(), boot, "lab", plan::Accelerator::tcg), Error);
}

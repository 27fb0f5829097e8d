// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/catch.hpp"
#include "tests/unit/agent/agent_client.hpp"

#include <nlohmann/json.hpp>
#include <unistd.h>

using namespace nflab::channel;

namespace {

ExitStatus configure(AgentClient& agent, const Configuration& configuration) {
    agent.send(FrameType::configure, 1000, to_payload(configuration));
    return agent.finish(1000).status;
}

std::string host_name() {
    char name[256] = {};
    gethostname(name, sizeof(name) - 1);
    return name;
}

} // namespace

TEST_CASE("devices are found, named, addressed and routed") {
    AgentClient agent(true);
    REQUIRE(agent
                .run("ip link add name a address 02:00:00:00:00:01 type veth peer name b address "
                     "02:00:00:00:00:02")
                .status.ok());
    Configuration configuration;
    // Each wants the name that the other has.
    configuration.nics = {{"02:00:00:00:00:01", "b", {"192.0.2.1/24", "fd00::1/64"}, 1400, ""},
                          {"02:00:00:00:00:02", "a", {"198.51.100.1/24"}, 0, "02:00:00:00:00:09"}};
    configuration.routes = {{"default", "192.0.2.254"}, {"fd01::/64", "fd00::2"}};
    configuration.sysctls = {{"net.ipv4.ip_forward", "1"}};
    for (int round = 0; round < 2; ++round) { // a second time changes nothing
        const ExitStatus status = configure(agent, configuration);
        INFO(status.error);
        CHECK(status.ok());
        const std::string links = agent.run("ip -o link").out;
        CHECK(links.find(": b@a:") != std::string::npos);
        CHECK(links.find("mtu 1400") != std::string::npos);
        CHECK(links.find("02:00:00:00:00:09") != std::string::npos);
        const std::string addresses = agent.run("ip -o addr").out;
        CHECK(addresses.find("b    inet 192.0.2.1/24") != std::string::npos);
        CHECK(addresses.find("a    inet 198.51.100.1/24") != std::string::npos);
        CHECK(addresses.find("fd00::1/64") != std::string::npos);
        CHECK(agent.run("ip -o addr show dev b").out.find("tentative") == std::string::npos);
        CHECK(addresses.find("127.0.0.1/8") != std::string::npos);
        CHECK(agent.run("ip route").out.find("default via 192.0.2.254 dev b") != std::string::npos);
        CHECK(agent.run("ip -6 route").out.find("fd01::/64 via fd00::2 dev b") !=
              std::string::npos);
        CHECK(agent.run("cat /proc/sys/net/ipv4/ip_forward").out == "1\n");
    }
}

TEST_CASE("every problem of a configuration is told, and the rest is done") {
    AgentClient agent(true);
    Configuration configuration;
    configuration.routes = {{"default", "192.0.2.254"}, {"x", "192.0.2.1"}, {"default", "gate"}};
    configuration.sysctls = {
        {"net.no.such", "1"}, {"../etc", "1"}, {"kernel.panic", "0"}, {"net.ipv4.ip_forward", "1"}};
    const std::string error = configure(agent, configuration).error;
    INFO(error);
    CHECK(error.find("\nroute to default by 192.0.2.254: Network is unreachable") !=
          std::string::npos);
    CHECK(error.find("\nroute to x by 192.0.2.1: ") != std::string::npos);
    CHECK(error.find("\nroute to default by gate: ") != std::string::npos);
    CHECK(error.find("sysctl net.no.such = 1: ") == 0);
    CHECK(error.find("\nsysctl '../etc' is not a name below /proc/sys") != std::string::npos);
    CHECK(error.find("\nsysctl kernel.panic: a netns node shares its kernel with the host") !=
          std::string::npos);
    CHECK(agent.run("cat /proc/sys/net/ipv4/ip_forward").out == "1\n");
}

TEST_CASE("a netns node never sets the host's name, clock or modules") {
    AgentClient agent(true);
    const std::string before = host_name();
    Configuration configuration;
    configuration.hostname = "a-node-of-a-test";
    configuration.clock_ns = 1;
    configuration.modules = {"no-such-module"};
    const ExitStatus status = configure(agent, configuration);
    CHECK(status.error.find("shares its kernel with the host") != std::string::npos);
    CHECK(agent.run("uname -n").out == "a-node-of-a-test\n");
    CHECK(host_name() == before);
}

TEST_CASE("links are made between names and addresses, and namespaces get devices of their own") {
    AgentClient agent(true);
    REQUIRE(agent
                .run("ip link add name a address 02:00:00:00:00:01 type veth peer name b address "
                     "02:00:00:00:00:02")
                .status.ok());
    Configuration box;
    box.hostname = "box";
    box.nics = {{"02:00:00:00:00:02", "eth0", {"192.0.2.2/24", "fd00::2/64"}, 0, ""}};
    box.routes = {{"default", "192.0.2.1"}};
    box.sysctls = {{"net.ipv4.ip_forward", "1"}};
    Configuration configuration;
    configuration.nics = {{"02:00:00:00:00:01", "eth0", {"192.0.2.1/24"}, 0, ""}};
    configuration.links = {
        {{"ip", "-batch", "-"},
         "link add name d0 type veth peer name d1\nlink set d0 up\nlink set d1 up\n"
         "address add fd01::1/64 dev d0 nodad\n"}};
    configuration.namespaces = {box};
    configuration.routing = {{{"ip", "-batch", "-"}, "route add blackhole 198.51.100.0/24\n"}};
    configuration.awaited = {"d0"};
    const ExitStatus status = configure(agent, configuration);
    INFO(status.error);
    REQUIRE(status.ok());
    CHECK(agent.run("ip -o addr show dev d0").out.find("fd01::1/64") != std::string::npos);
    CHECK(agent.run("cat /proc/sys/net/ipv6/conf/default/accept_dad").out == "1\n");
    CHECK(agent.run("ip route show 198.51.100.0/24").out.find("blackhole") == 0);
    CHECK(agent.run("ip netns list").out.find("box") == 0);
    CHECK(agent.run("ping -c 1 -W 2 192.0.2.2").status.ok());
    CHECK(agent.run("cat /proc/sys/net/ipv4/ip_forward").out == "0\n");

    RunRequest inside;
    inside.argv = {"bash", "-c", "ip route show default && cat /proc/sys/net/ipv4/ip_forward"};
    inside.netns = "box";
    const AgentClient::Result result = agent.run(inside);
    INFO(result.status.error << result.err << result.out);
    CHECK(result.out.find("default via 192.0.2.1 dev eth0") == 0);
    CHECK(result.out.find("\n1\n") != std::string::npos);
    inside.netns = "bax";
    CHECK(agent.run(inside).status.error.find("the network namespace 'bax'") != std::string::npos);
}

TEST_CASE("a command that a set-up program refuses is quoted") {
    AgentClient agent(true);
    Configuration configuration;
    configuration.links = {
        {{"ip", "-batch", "-"}, "link add name d0 type bridge\nlink add name d1 type nonsense\n"}};
    configuration.routing = {{{"no-such-program"}, ""}};
    const std::string error = configure(agent, configuration).error;
    INFO(error);
    CHECK(error.find("ip link add name d1 type nonsense: ") == 0);
    CHECK(error.find("\nthere is no program 'no-such-program'") != std::string::npos);
}

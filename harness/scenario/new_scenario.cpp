// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/new_scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace nflab::scenario {

namespace {

constexpr Named topologies[] = {
    {"router", "client and server, and a router between them whose rules are tested"},
    {"single", "a client and one machine, whose own input rules are tested"}};
constexpr Named engines[] = {
    {"nftables", "rules of nft"},
    {"iptables-legacy", "rules of iptables-legacy, on kernels that have it"},
    {"iptables-nft", "rules of iptables-nft"}};

struct Traffic {
    std::string protocol;
    int port = 0; ///< 0: icmp
};

std::optional<Traffic> traffic_of(const std::string& text) {
    if (text == "icmp")
        return Traffic{"icmp", 0};
    const std::size_t slash = text.find('/');
    Traffic traffic{text.substr(0, slash), 0};
    if (slash == std::string::npos || (traffic.protocol != "tcp" && traffic.protocol != "udp"))
        return std::nullopt;
    const char* end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data() + slash + 1, end, traffic.port);
    if (error != std::errc{} || last != end || traffic.port < 1 || traffic.port > 65'535)
        return std::nullopt;
    return traffic;
}

bool is_one_of(std::span<const Named> names, const std::string& word) {
    return std::any_of(names.begin(), names.end(),
                       [&](const Named& each) { return each.name == word; });
}

std::string names_of(std::span<const Named> names) {
    std::string text;
    for (const Named& each : names)
        text += (text.empty() ? "" : ", ") + std::string(each.name);
    return text;
}

// As `packet` has it.
std::string packet(const Traffic& traffic) {
    return traffic.port == 0 ? "icmp" : fmt::format("{} dport {}", traffic.protocol, traffic.port);
}

std::string send_line(const Traffic& traffic) {
    return traffic.port == 0 ? "      - { ping: server, from: client }\n"
                             : fmt::format("      - {{ {}: server, from: client, port: {} }}\n",
                                           traffic.protocol, traffic.port);
}

std::string nft_match(const Traffic& traffic) {
    return traffic.port == 0 ? "ip protocol icmp" : packet(traffic);
}

std::string iptables_match(const Traffic& traffic) {
    return traffic.port == 0 ? "-p icmp"
                             : fmt::format("-p {} --dport {}", traffic.protocol, traffic.port);
}

std::string ruleset(const NewScenario& wishes, const Traffic& drop, const std::string& hook) {
    if (wishes.engine == "nftables")
        return fmt::format(R"(        nftables: |
          table inet filter {{
            chain {0} {{
              type filter hook {0} priority 0; policy accept;
              {1} counter drop comment "closed"
            }}
          }}
)",
                           hook, nft_match(drop));
    return fmt::format(R"(        {}: |
          *filter
          :{} ACCEPT [0:0]
          -A {} {} -m comment --comment closed -j DROP
          COMMIT
)",
                       wishes.engine, hook == "forward" ? "FORWARD" : "INPUT",
                       hook == "forward" ? "FORWARD" : "INPUT", iptables_match(drop));
}

std::string decider(const NewScenario& wishes, const std::string& hook) {
    const std::string chain = hook == "forward" ? "FORWARD" : "INPUT";
    if (wishes.engine == "nftables")
        return fmt::format("nft: inet filter {}", hook);
    return fmt::format("{}: filter/{}",
                       wishes.engine == "iptables-legacy" ? "iptables" : wishes.engine, chain);
}

constexpr const char* router_topology = R"(networks:
  left: 10.0.1.0/24
  right: 10.0.2.0/24
nodes:
  # An end point: a network namespace on this machine, ready in milliseconds.
  client: { kind: netns, addresses: { left: 10.0.1.2 }, gateway: 10.0.1.1 }
  # The machine under test: a guest that boots the kernel that --kernel names.
  router:
    kind: vm
    addresses: { left: 10.0.1.1, right: 10.0.2.1 }
    sysctl: { net.ipv4.ip_forward: 1 }
    # Every verdict is told; `all` tells each rule that a packet passes, too.
    trace: verdicts
  server: { kind: netns, addresses: { right: 10.0.2.2 }, gateway: 10.0.2.1 }
)";

constexpr const char* single_topology = R"(networks:
  lan: 10.0.1.0/24
nodes:
  # An end point: a network namespace on this machine, ready in milliseconds.
  client: { kind: netns, addresses: { lan: 10.0.1.2 } }
  # The machine under test: a guest that boots the kernel that --kernel names.
  server:
    kind: vm
    addresses: { lan: 10.0.1.1 }
    # Every verdict is told; `all` tells each rule that a packet passes, too.
    trace: verdicts
)";

} // namespace

std::span<const Named> new_topologies() {
    return topologies;
}

std::span<const Named> new_engines() {
    return engines;
}

std::string wrong_wish(const NewScenario& wishes) {
    const auto is_name_byte = [](char byte) {
        return std::isalnum(static_cast<unsigned char>(byte)) || byte == '-' || byte == '_' ||
               byte == '.';
    };
    if (wishes.name.empty() || wishes.name.size() > 32 ||
        !std::isalnum(static_cast<unsigned char>(wishes.name[0])) ||
        !std::all_of(wishes.name.begin(), wishes.name.end(), is_name_byte))
        return fmt::format("'{}' cannot be a scenario's name: at most 32 letters, digits, '-', '_' "
                           "and '.', the first of them a letter or digit",
                           wishes.name);
    if (!is_one_of(topologies, wishes.topology))
        return fmt::format("there is no template '{}'; there are {}", wishes.topology,
                           names_of(topologies));
    if (!is_one_of(engines, wishes.engine))
        return fmt::format("there is no template for the engine '{}'; there are {}", wishes.engine,
                           names_of(engines));
    for (const std::string& text : {wishes.drop, wishes.pass})
        if (!traffic_of(text))
            return fmt::format("'{}' is no traffic; write icmp, tcp/PORT or udp/PORT", text);
    if (wishes.drop == wishes.pass)
        return fmt::format("{} cannot be dropped and pass as well", wishes.drop);
    return {};
}

std::string new_scenario(const NewScenario& wishes) {
    const Traffic drop = traffic_of(wishes.drop).value_or(Traffic{});
    const Traffic pass = traffic_of(wishes.pass).value_or(Traffic{});
    const bool router = wishes.topology == "router";
    const std::string hook = router ? "forward" : "input";
    const std::string tested = router ? "router" : "server";
    std::string text;
    if (!wishes.schema.empty())
        text += fmt::format("# yaml-language-server: $schema={}\n", wishes.schema);
    text +=
        fmt::format("# `nflab run {0}.yaml` runs it, `nflab explain {0}.yaml` tells it in prose.\n"
                    "# Every key: docs/scenarios.md.\n"
                    "name: {0}\n"
                    "summary: {1} drops {2} and lets {3} pass.\n",
                    wishes.name, router ? "A router" : "A server", wishes.drop, wishes.pass);
    if (wishes.engine == "iptables-legacy")
        text += "# A kernel without it skips the scenario and says why.\n"
                "requires: [iptables-legacy]\n";
    text += '\n';
    text += router ? router_topology : single_topology;
    text += fmt::format("\nsteps:\n"
                        "  - name: {} is dropped, {} is not\n"
                        "    # Loaded first, by the tool of that name.\n"
                        "    apply:\n"
                        "      {}:\n",
                        wishes.drop, wishes.pass, tested);
    text += ruleset(wishes, drop, hook);
    text += "    # Then these packets are sent; each can be told from all others on its way.\n"
            "    send:\n";
    text += send_line(drop) + send_line(pass);
    text += "    # All of this must hold, or the run fails and says what was seen instead.\n"
            "    expect:\n";
    text += fmt::format("      - at: {}\n"
                        "        packet: {}\n"
                        "        hook: {}\n"
                        "        verdict: drop\n"
                        "        by: {{ {}, rule: {{ comment: closed }} }}\n"
                        "      - {{ at: client, packet: {}, reply: none }}\n"
                        "      - {{ at: client, packet: {}, reply: 1 }}\n"
                        "      - {{ packet: {}, dropped_by: none }}\n",
                        tested, packet(drop), hook, decider(wishes, hook), packet(drop),
                        packet(pass), packet(pass));
    return text;
}

} // namespace nflab::scenario

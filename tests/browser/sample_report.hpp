// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/step/outcome.hpp"
#include "tests/unit/report/sample.hpp"

/// Outcomes with everything that the HTML report shows.
namespace nflab::browser {

inline constexpr const char* applied_nft = "flush ruleset\n"
                                           "table ip filter {\n"
                                           "    chain forward {\n"
                                           "        type filter hook forward priority 0;\n"
                                           "        tcp dport 22 counter accept;\n"
                                           "        ip protocol icmp counter accept;\n"
                                           "    }\n"
                                           "}\n";
inline constexpr const char* listed_nft =
    "table ip filter { # handle 1\n"
    "\tchain forward { # handle 1\n"
    "\t\ttype filter hook forward priority filter; policy accept;\n"
    "\t\ttcp dport 22 counter accept # handle 5\n"
    "\t\tip protocol icmp counter accept # handle 2\n"
    "\t}\n"
    "}\n";
inline constexpr const char* applied_iptables = "*filter\n:FORWARD DROP [0:0]\nCOMMIT\n";
inline constexpr const char* listed_iptables =
    "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n";

plan::Node inline node(const std::string& name, scenario::NodeKind kind,
                       const std::vector<plan::Nic>& nics) {
    plan::Node node;
    node.name = name;
    node.kind = kind;
    node.nics = nics;
    if (kind == scenario::NodeKind::vm)
        node.trace = scenario::Trace::verdicts;
    return node;
}

step::CellOutcome inline rich_cell() {
    using scenario::NodeKind;
    step::CellOutcome cell = report::sample::failed_cell();
    cell.networks = {{"lan", "lan"}, {"wan", "wan"}};
    cell.nodes = {
        node("client", NodeKind::netns, {{"eth0", "lan", "", {"192.168.4.110/24"}, 1500}}),
        node("router", NodeKind::vm,
             {{"eno2", "lan", "", {"192.168.4.1/24"}, 1500},
              {"eno1", "wan", "", {"10.53.134.1/24", "2001:db8:53::1/64"}, 1500}}),
        node("server", NodeKind::netns, {{"eth0", "wan", "", {"10.53.134.11/24"}, 1500}})};
    cell.scenario_text = "name: sample\nsummary: </script><b>not markup</b>\n";
    cell.consoles = {{"router", "[    0.000000] Linux version 6.12.1\n[    0.5] <booted> é\n", 0}};
    cell.command_line = "console=ttyS0 mitigations=off";
    cell.alterations = {"mitigations=off"};
    step::StepOutcome& step = cell.steps[0];
    step.applied = {{"router", "nftables", applied_nft, "sample.yaml", 21},
                    {"router", "iptables-legacy", applied_iptables, "sample.yaml", 30}};
    step.listings = {{"router", "nft", listed_nft}, {"router", "iptables", listed_iptables}};
    step.commands = {
        {"router", "sysctl net.ipv4.ip_forward", 0, 0, false, "net.ipv4.ip_forward = 1\n", ""}};
    step.duration = std::chrono::milliseconds(640);
    cell.phases = {{"kernel", std::chrono::milliseconds(20)},
                   {"boot", std::chrono::milliseconds(4100)},
                   {"steps", std::chrono::milliseconds(640)}};
    return cell;
}

step::CellOutcome inline good_cell() {
    step::CellOutcome cell = rich_cell();
    cell.scenario_name = "good";
    cell.status = step::CellOutcome::Status::passed;
    cell.steps[0].checks.pop_back();
    return cell;
}

step::CellOutcome inline skipped_cell() {
    step::CellOutcome cell;
    cell.scenario_name = "skipped";
    cell.scenario_file = "skipped.yaml";
    cell.kernel_name = "6.12";
    cell.status = step::CellOutcome::Status::skipped;
    cell.reason = "6.12.1-rt has no iptables-legacy";
    return cell;
}

} // namespace nflab::browser

// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/differential/topology.hpp"

#include "tests/differential/generate.hpp"

#include <fmt/format.h>

namespace nflab::witness {
namespace {

std::string cidr(const std::string& address) {
    return address + (address.find(':') == std::string::npos ? "/24" : "/64");
}

plan::Nic nic(const std::string& lab, const std::string& node, const std::string& name,
              const std::string& network, std::vector<std::string> addresses) {
    return {name, network, plan::derive_mac(lab, node, name), std::move(addresses), 1500};
}

// Nothing that depends on time or on what came before: no rate limits, no redirects, no filters.
std::vector<std::pair<std::string, std::string>> sysctls() {
    std::vector<std::pair<std::string, std::string>> out{{"net.ipv4.ip_forward", "1"},
                                                         {"net.ipv6.conf.all.forwarding", "1"},
                                                         {"net.ipv4.icmp_ratelimit", "0"},
                                                         {"net.ipv4.icmp_msgs_per_sec", "1000000"},
                                                         {"net.ipv4.icmp_msgs_burst", "1000000"},
                                                         {"net.ipv6.icmp.ratelimit", "0"}};
    for (const char* device : {"all", "default", "lan0", "wan0", "p1", "p2"}) {
        out.emplace_back(fmt::format("net.ipv4.conf.{}.send_redirects", device), "0");
        out.emplace_back(fmt::format("net.ipv4.conf.{}.rp_filter", device), "0");
        out.emplace_back(fmt::format("net.ipv4.conf.{}.accept_local", device), "1");
        out.emplace_back(fmt::format("net.ipv6.conf.{}.accept_dad", device), "0");
    }
    return out;
}

} // namespace

const std::vector<WireEnds>& wires() {
    static const std::vector<WireEnds> all{{"client", "eth0", "lan0"},
                                           {"server", "eth0", "wan0"},
                                           {"client", "eth1", "p1"},
                                           {"server", "eth1", "p2"}};
    return all;
}

plan::Plan make_plan(const std::string& name, plan::BootFiles boot) {
    plan::Plan plan;
    plan.lab = name;
    plan.scenario = "the witness test";
    plan.boot = std::move(boot);
    plan.deadlines.boot = std::chrono::seconds(120);
    plan.deadlines.silence = std::chrono::seconds(60);
    plan.networks = {
        {"lan", "br-lan"}, {"wan", "br-wan"}, {"left", "br-left"}, {"right", "br-right"}};
    plan::Node client;
    client.name = "client";
    // The ends are silent but for nfwitness.
    client.sysctls = {{"net.ipv6.conf.all.disable_ipv6", "1"}};
    client.nics = {nic(name, "client", "eth0", "lan", {}), nic(name, "client", "eth1", "left", {})};
    plan::Node server;
    server.name = "server";
    server.sysctls = client.sysctls;
    server.nics = {nic(name, "server", "eth0", "wan", {}),
                   nic(name, "server", "eth1", "right", {})};
    plan::Node router;
    router.name = "router";
    router.kind = scenario::NodeKind::vm;
    router.memory_mib = 256;
    router.nics = {nic(name, "router", "lan0", "lan",
                       {cidr(net::lan(4, net::router)), cidr(net::lan(6, net::router))}),
                   nic(name, "router", "wan0", "wan",
                       {cidr(net::wan(4, net::router)), cidr(net::wan(6, net::router))}),
                   nic(name, "router", "p1", "left", {}), nic(name, "router", "p2", "right", {})};
    router.sysctls = sysctls();
    plan.nodes = {client, router, server};
    return plan;
}

std::string preparation(const std::string& lab) {
    std::string script = "set -e\n";
    // The bridge learns nothing and asks nobody: it behaves the same in every run.
    script +=
        fmt::format("modprobe bridge\n"
                    "ip link add br0 address {} type bridge stp_state 0 mcast_snooping 0 "
                    "forward_delay 0\n"
                    "ip link set p1 master br0\nip link set p2 master br0\n"
                    "for p in p1 p2; do ip link set $p up; "
                    "bridge link set dev $p learning off; done\n"
                    "ip address add {} dev br0\nip address add {} dev br0 nodad\n"
                    "ip link set br0 up\n"
                    "bridge fdb replace {} dev p1 master static\n"
                    "bridge fdb replace {} dev p2 master static\n",
                    plan::derive_mac(lab, "router", "p1"), cidr(net::bridge(4, net::router)),
                    cidr(net::bridge(6, net::router)), plan::derive_mac(lab, "client", "eth1"),
                    plan::derive_mac(lab, "server", "eth1"));
    const auto neighbours = [&](const char* device, const std::string& hardware, auto address,
                                int first) {
        std::vector<int> hosts{200};
        for (int i = 0; i < net::hosts; ++i)
            hosts.push_back(first + i);
        for (const int family : {4, 6})
            for (const int host : hosts)
                script += fmt::format("ip neigh replace {} lladdr {} nud permanent dev {}\n",
                                      address(family, host), hardware, device);
    };
    neighbours("lan0", plan::derive_mac(lab, "client", "eth0"), net::lan, net::first_host);
    neighbours("wan0", plan::derive_mac(lab, "server", "eth0"), net::wan, net::first_host);
    neighbours("br0", plan::derive_mac(lab, "client", "eth1"), net::bridge, net::first_host);
    neighbours("br0", plan::derive_mac(lab, "server", "eth1"), net::bridge, net::first_right_host);
    // First in, first out, for markers among packets.
    script += "for d in lan0 wan0 p1 p2; do tc qdisc replace dev $d root pfifo limit 1000; done\n";
    // A driver may leave IPv6's header in a page (virtio_net of 5.10 in long frames). At ingress
    // and in a bridge ipv6_find_hdr() takes the next header from linear memory all the same, so
    // that rules look at chance, and trace messages come to nothing. This action pulls the header,
    // and has no checksum to set in it.
    script += "modprobe -a sch_ingress cls_matchall act_csum\n"
              "for d in lan0 wan0 p1 p2; do tc qdisc add dev $d ingress\n"
              "tc filter add dev $d ingress protocol ipv6 matchall action csum ip4h; done\n";
    // The tables that the rulesets use are there from the beginning, empty: a table that comes
    // later would change the order of hooks between two runs.
    script += "modprobe nfnetlink_log\nmodprobe nf_conntrack\n"
              "modprobe nf_tables\nmodprobe nfnetlink_queue\n"
              "legacy() {\n"
              "  for t in raw mangle nat filter security; do\n"
              "    for v in iptables ip6tables; do\n"
              "      $v-legacy -t $t -S > /dev/null 2>&1 || return 1\n"
              "    done\n"
              "  done\n"
              "}\n"
              "if legacy; then echo has legacy; fi\n"
              "if arptables-legacy -L > /dev/null 2>&1; then echo has arptables; fi\n"
              "if ebtables-legacy -t filter -L > /dev/null 2>&1 && "
              "ebtables-legacy -t nat -L > /dev/null 2>&1; then echo has ebtables; fi\n"
              "if { ebtables-nft -A FORWARD -p IPv4 --ip-source 192.0.2.1 -j ACCEPT && "
              "nft flush ruleset; } > /dev/null 2>&1; then echo has ebtables_nft; fi\n"
              "if modprobe nft_compat 2> /dev/null; then echo has nft_compat; fi\n"
              "if echo 'table netdev w { chain c { type filter hook egress device \"lan0\" "
              "priority 0; }; }' | nft -c -f - 2> /dev/null; then echo has egress; fi\n";
    script +=
        fmt::format("if ipset restore <<'END' && modprobe xt_set; then echo has ipset; fi\n{}END\n",
                    ipset_script());
    // No entry goes while a batch runs, however slow the machine is.
    script += "for t in /proc/sys/net/netfilter/nf_conntrack_*_timeout*; do echo 7200 > $t; done\n";
    return script;
}

} // namespace nflab::witness

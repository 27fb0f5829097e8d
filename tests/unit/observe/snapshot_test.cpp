// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/observe/snapshot.hpp"
#include "harness/scenario/keys.hpp"
#include "tests/catch.hpp"
#include "tests/unit/observe/judged.hpp"

#include <algorithm>

using namespace nflab;
using scenario::Unchanged;
using test::judged;
using test::said;

namespace {

std::string text(const std::string& rule, const std::string& conntrack) {
    std::string all;
    for (const std::string_view part : scenario::snapshot_parts) {
        all += "==== " + std::string(part) + "\n";
        if (part == "nftables")
            all += "table ip t {\n\t" + rule + "\n}\n";
        if (part == "conntrack")
            all += conntrack + "\n";
    }
    return all;
}

Unchanged since_before(std::vector<std::string> parts = {}) {
    return {"before", std::move(parts)};
}

} // namespace

TEST_CASE("a snapshot's program writes every part, by its name") {
    const std::string script = observe::snapshot_look().argv.at(2);
    for (const std::string_view part : scenario::snapshot_parts) {
        INFO(part);
        const bool by_family = part == "iptables" || part == "ip6tables";
        CHECK(test::holds(script, "==== " + (by_family ? "${family}tables" : std::string(part))));
    }
}

TEST_CASE("what changes by itself is no change") {
    CHECK(observe::settled("nftables", "counter packets 3 bytes 252 drop") ==
          observe::settled("nftables", "counter packets 4 bytes 336 drop"));
    CHECK(observe::settled("nftables", "elements = { 10.0.0.1 timeout 1h expires 3s }") ==
          "elements = { 10.0.0.1 timeout 1h }\n");
    CHECK(observe::settled("iptables",
                           "# today\n:FORWARD DROP [4:336]\n[1:60] -A FORWARD -j DROP\n") ==
          ":FORWARD DROP\n-A FORWARD -j DROP\n");
    CHECK(observe::settled("ebtables", "-p IPv4 -j ACCEPT , pcnt = 4 -- bcnt = 336\n") ==
          "-p IPv4 -j ACCEPT\n");
    CHECK(observe::settled("ipset", "add s 10.0.0.1 timeout 299\n") == "add s 10.0.0.1\n");
    CHECK(
        observe::settled("conntrack",
                         "ipv4     2 tcp      6 431999 ESTABLISHED src=1.1.1.1 use=2\n") ==
        observe::settled("conntrack", "ipv4     2 tcp      6 12 ESTABLISHED src=1.1.1.1 use=1\n"));
    CHECK(observe::settled("routes", "default via fe80::1 expires 1797sec hoplimit 64\n") ==
          "default via fe80::1 hoplimit 64\n");
    CHECK(observe::settled("sysctls", "/proc/sys/net/netfilter/nf_conntrack_count:3\na:1\n") ==
          "a:1\n");
}

TEST_CASE("what differs from a snapshot is shown") {
    const auto then = said(text("tcp dport 22 accept", "ipv4 2 tcp 6 1 src=1.1.1.1"));
    const auto now = said(text("tcp dport 23 accept", "ipv4 2 tcp 6 1 src=2.2.2.2"));
    const auto judgement = judged(since_before(), now, {.then = &then});
    CHECK_FALSE(judgement.passed);
    CHECK(judgement.expected == "nothing changed since before at router");
    CHECK(judgement.seen == "nftables: -tcp dport 22 accept; +tcp dport 23 accept");
    CHECK(judged(since_before({"routes"}), now, {.then = &then}).passed);
    CHECK(judged(since_before({"conntrack"}), now, {.negated = true, .then = &then}).passed);
}

TEST_CASE("connections are no change unless they are asked for") {
    const auto then = said(text("accept", ""));
    const auto now = said(text("accept", "ipv4 2 tcp 6 1 src=2.2.2.2"));
    CHECK(judged(since_before(), now, {.then = &then}).passed);
    CHECK_FALSE(judged(since_before({"conntrack"}), now, {.then = &then}).passed);
}

TEST_CASE("without a snapshot nothing can be said") {
    const auto now = said(text("accept", ""));
    CHECK_FALSE(judged(since_before(), now).passed);
    CHECK_FALSE(judged(since_before(), now, {.negated = true}).passed);
}

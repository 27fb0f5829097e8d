// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/catch.hpp"
#include "tests/unit/observe/judged.hpp"

using namespace nflab;
using scenario::HookOrder;
using test::judged;
using test::said;

namespace {

// As `nfverdict hooks --json` prints them.
const observe::Answer hooks = said(R"({"type":"hooks","namespaces":[{"netns":1,"hooks":[
{"family":"ip","hook":"postrouting","functions":[
{"priority":-225,"function":"apparmor_ip_postroute","what":"apparmor"},
{"priority":100,"function":"nf_nat_ipv4_out","module":"nf_nat","what":"nat","asks":[
{"priority":100,"function":"nft_nat_do_chain","what":"nft ip nat postrouting"}]},
{"priority":2147483647,"function":"nf_confirm","what":"conntrack"}]},
{"family":"netdev","hook":"ingress","device":"eth0","functions":[
{"priority":0,"function":"nft_do_chain_netdev","what":"nft netdev t c"}]}]}]})");

HookOrder in(const std::string& family, const std::string& hook) {
    HookOrder wanted;
    wanted.family = family;
    wanted.hook = hook;
    return wanted;
}

} // namespace

TEST_CASE("functions of a hook are called in an order") {
    HookOrder wanted = in("ip", "postrouting");
    wanted.order = {{-225, ""}, {{}, "nat"}, {100, "nft ip nat"}, {{}, "nf_confirm"}};
    CHECK(judged(wanted, hooks, {.count = 4}).passed);
    wanted.order = {{{}, "conntrack"}, {{}, "nat"}};
    const auto judgement = judged(wanted, hooks);
    CHECK_FALSE(judgement.passed);
    CHECK(judgement.expected == "hook ip postrouting calls conntrack, then nat at router");
    CHECK(judgement.seen == "-225 apparmor; 100 nat; 100 nft ip nat postrouting; 2147483647 "
                            "conntrack; no nat after conntrack");
    wanted.order = {{{}, "nft ip na"}};
    CHECK_FALSE(judged(wanted, hooks).passed);
    wanted.order = {{101, "nat"}};
    CHECK(judged(wanted, hooks, {.negated = true}).passed);
}

TEST_CASE("a hook lacks functions") {
    HookOrder wanted = in("ip", "postrouting");
    wanted.lacks = {{{}, "iptables nat"}};
    CHECK(judged(wanted, hooks).passed);
    wanted.lacks = {{{}, "apparmor"}};
    CHECK_FALSE(judged(wanted, hooks).passed);
    CHECK(judged(in("ip", "forward"), hooks, {.count = 0}).passed);
}

TEST_CASE("a device has hooks of its own") {
    HookOrder wanted = in("netdev", "ingress");
    wanted.device = "eth0";
    CHECK(judged(wanted, hooks, {.count = 1}).passed);
    wanted.device = "eth1";
    CHECK(judged(wanted, hooks, {.count = 0}).passed);
}

TEST_CASE("hooks that cannot be read prove nothing") {
    CHECK_FALSE(judged(in("ip", "input"), said("{}"), {.count = 0}).passed);
    const auto refused = test::complained("nfverdict: it needs root");
    CHECK(judged(in("ip", "input"), refused, {.count = 0}).seen ==
          "the hooks cannot be read: exit code 1: nfverdict: it needs root");
}

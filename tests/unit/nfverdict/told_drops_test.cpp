// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/drops/told_drops.hpp"
#include "tests/catch.hpp"

using namespace nflab;
using nfverdict::ToldDrops;

TEST_CASE("a rule's drop is told once, and of the next packet in its memory everything is") {
    verdict::Record rule;
    rule.verdict = "drop";
    rule.hook = "forward";
    rule.time_ns = 1'000'000'000;
    rule.packet.skb = 0x1000;
    rule.packet.source = "192.0.2.1";
    rule.packet.ip_id = 7;
    ToldDrops told;
    CHECK_FALSE(told.knows(rule));
    told.decided(rule);

    verdict::Record freed = rule;
    freed.rule_kind = verdict::RuleKind::none;
    freed.stage = "netfilter";
    freed.time_ns += 1000;
    CHECK(told.knows(freed));

    verdict::Record next = freed;
    next.packet.ip_id = 8;
    CHECK_FALSE(told.knows(next));
    next = freed;
    next.stage = "queue";
    CHECK_FALSE(told.knows(next));
    next = freed;
    next.hook = "postrouting";
    CHECK_FALSE(told.knows(next));
    next = freed;
    next.time_ns += 2'000'000'000;
    CHECK_FALSE(told.knows(next));

    // Softirqs run between the rule's verdict and the freeing of the packet.
    verdict::Record meanwhile = rule;
    meanwhile.packet.skb = 0x2000;
    meanwhile.packet.ip_id = 12;
    told.decided(meanwhile);
    CHECK(told.knows(freed));

    rule.verdict = "accept";
    rule.packet.ip_id = 9;
    told.decided(rule);
    CHECK(told.knows(freed));
}

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/verdict/path.hpp"

#include <string>
#include <vector>

/// The ping of seed 004 as records: an nft accept, then iptables' FORWARD policy drops.
namespace nflab::verdict::sample {

SentPacket inline ping(std::uint16_t sequence, SentPacket::Result result) {
    SentPacket packet;
    packet.node = "client";
    packet.protocol = "icmp";
    packet.source = "192.168.4.110";
    packet.destination = "10.53.134.11";
    packet.icmp_id = 77;
    packet.icmp_sequence = sequence;
    packet.result = result;
    return packet;
}

Record inline seen(std::uint64_t time, std::uint64_t skb, const std::string& hook,
                   const std::string& engine, const std::string& verdict) {
    Record record;
    record.node = "router";
    record.time_ns = time;
    record.hook = hook;
    record.priority = 0;
    record.engine = engine;
    record.family = "ip";
    record.table = "filter";
    record.chain = engine == "nft" ? "forward" : "FORWARD";
    record.base_chain = record.chain;
    record.verdict = verdict;
    record.method = "site";
    record.packet.family = 2;
    record.packet.protocol = 1;
    record.packet.source = "192.168.4.110";
    record.packet.destination = "10.53.134.11";
    record.packet.icmp_type = 8;
    record.packet.icmp_code = 0;
    record.packet.icmp_id = 77;
    record.packet.icmp_sequence = 1;
    record.packet.skb = skb;
    return record;
}

Record inline nft_accept(std::uint64_t time = 100, std::uint64_t skb = 1) {
    Record record = seen(time, skb, "forward", "nft", "accept");
    record.rule_kind = RuleKind::rule;
    record.rule = 2;
    record.rule_text = "ip protocol icmp counter accept";
    return record;
}

Record inline policy_drop(std::uint64_t time = 200, std::uint64_t skb = 1) {
    Record record = seen(time, skb, "forward", "iptables", "drop");
    record.rule_kind = RuleKind::policy;
    return record;
}

int inline no_distance(const std::string&, const std::string&) {
    return 0;
}

} // namespace nflab::verdict::sample

// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/records/assemble.hpp"

#include "guest/nfverdict/hooks/hook.hpp"
#include "guest/nfverdict/kernel/kernel_api.hpp"
#include "guest/nfverdict/packet/packet.hpp"
#include "guest/nfverdict/records/explain_xt.hpp"

#include <linux/if_ether.h>

#include <algorithm>
#include <cstring>
#include <string>

namespace nflab::nfverdict {
namespace {

template <std::size_t N>
std::string text_of(const char (&field)[N]) {
    return {field, ::strnlen(field, N)};
}

// The kernel allows any bytes in it, but nobody gives it other ones than these.
template <std::size_t N>
std::string device_of(const char (&field)[N]) {
    std::string name = text_of(field);
    const bool plain =
        std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c <= '~'; });
    return plain ? name : std::string();
}

// What is not an IP packet, and what is seen of a frame.
void assemble_frame(const nfv_event& event, verdict::Packet& packet) {
    if (packet.family == 0)
        packet.ethertype = static_cast<std::uint16_t>(event.protocol);
    if (packet.family == 0 && event.protocol == ETH_P_ARP)
        parse_arp({event.header, event.header_length}, packet);
    if (!event.has_mac)
        return;
    packet.destination_mac = mac_text(event.mac);
    packet.source_mac = mac_text(event.mac + ETH_ALEN);
}

int packet_family(const nfv_event& event) {
    if (event.pf == NFPROTO_ARP)
        return 0;
    if (event.pf == NFPROTO_IPV4 || event.protocol == ETH_P_IP)
        return AF_INET;
    if (event.pf == NFPROTO_IPV6 || event.protocol == ETH_P_IPV6)
        return AF_INET6;
    return 0;
}

const char* nft_verdict(std::int32_t code) {
    switch (code) {
    case NFT_JUMP:
        return "jump";
    case NFT_GOTO:
        return "goto";
    case NFT_RETURN:
        return "return";
    case NFT_CONTINUE:
    case NFT_BREAK:
        return "continue";
    default:
        return final_verdict(static_cast<std::uint32_t>(code));
    }
}

// 5.10 leaves the family of an ingress chain's own hook 0. That hook runs for netdev's packets as
// they are, and for those of inet's tables as packets of their own protocol.
const char* nft_family(const nfv_event& event) {
    if (event.table_family != NFPROTO_UNSPEC || !event.has_state)
        return family_name(event.table_family);
    return family_name(event.pf == NFPROTO_NETDEV ? NFPROTO_NETDEV : NFPROTO_INET);
}

void assemble_nft(const nfv_event& event, verdict::Record& record) {
    record.engine = "nft";
    record.family = nft_family(event);
    record.priority = event.priority;
    record.base_chain = text_of(event.base_chain);
    record.chain = text_of(event.chain);
    if (event.has_chain && event.chain_handle == event.base_handle)
        record.chain = record.base_chain;
    record.target = text_of(event.target);
    if (event.kind == NFV_TABLE) {
        record.chain.clear(); // nobody has seen where the rule stands
        record.verdict = returned_verdict(static_cast<std::uint32_t>(event.verdict));
        return;
    }
    if (event.kind == NFV_NFT_POLICY) {
        record.rule_kind = verdict::RuleKind::policy;
        record.chain = record.base_chain;
        record.verdict = final_verdict(event.policy);
        record.rule_text = "policy " + record.verdict;
        return;
    }
    record.verdict = nft_verdict(event.verdict);
    if (event.kind == NFV_NFT_PASSED) {
        record.rule_kind = verdict::RuleKind::rule;
        record.rule = event.rule;
        return;
    }
    // Where a chain ends, kernels before 5.17 still show the chain's last rule.
    if (event.end_marker || event.verdict == NFT_CONTINUE) {
        record.rule_kind = verdict::RuleKind::end_of_chain;
        return;
    }
    record.rule_kind = verdict::RuleKind::rule;
    record.rule = event.rule;
}

} // namespace

const char* method_name(nfv_method method) {
    switch (method) {
    case NFV_DECOY:
        return "decoy";
    case NFV_KPROBE_EVENTS:
        return "kprobe-events";
    case NFV_FEXIT:
        return "fexit";
    case NFV_SITE:
        break;
    }
    return "site";
}

void take_own_devices(const nfv_event& event, verdict::Record& record) {
    record.in_device = device_of(event.chain);
    record.out_device = device_of(event.target);
}

verdict::Record assemble(const nfv_event& event, const std::optional<ConntrackLayout>& layout) {
    verdict::Record record;
    record.netns = event.netns;
    record.time_ns = event.time;
    record.cpu = static_cast<int>(event.cpu);
    record.packet.length = event.length;
    record.packet.skb = event.skb;
    record.packet.mark = event.mark;
    parse_packet(packet_family(event), {event.header, event.header_length}, record.packet);
    const bool has_more = event.header_length < std::min(event.length, std::uint32_t{NFV_HEADER});
    record.packet.unread = has_more && ends_early(record.packet);
    assemble_frame(event, record.packet);
    record.conntrack = parse_conntrack(event.nfct, event.conn, layout);
    if (event.has_state)
        record.hook = hook_name(event.pf, event.hook);
    record.in_device = device_of(event.in);
    record.out_device = device_of(event.out);
    record.table = text_of(event.table);
    record.method = method_name(static_cast<nfv_method>(event.method));
    if (event.kind == NFV_DROP) {
        if (!event.has_state)
            take_own_devices(event, record);
        return record;
    }
    if (event.kind == NFV_HOOK) {
        record.table.clear(); // its bytes are functions
        return record;
    }
    if (event.kind == NFV_FLOW) {
        record.engine = "none";
        record.rule_kind = verdict::RuleKind::none;
        record.verdict = "accept";
        record.method = "hook";
        record.basis = "hook entry";
        record.stage = "flowtable";
        record.module = "nf_flow_table";
        record.rule_text = "hooks not traversed: flow offloaded";
        return record;
    }
    if (event.ruleset == NFV_RULESET_NFT)
        assemble_nft(event, record);
    else
        assemble_xt(event, record);
    return record;
}

} // namespace nflab::nfverdict

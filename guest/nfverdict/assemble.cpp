// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/assemble.hpp"

#include "guest/nfverdict/agreed.hpp"
#include "guest/nfverdict/hook.hpp"
#include "guest/nfverdict/kernel_api.hpp"
#include "guest/nfverdict/packet.hpp"

#include <linux/if_ether.h>

#include <cstring>
#include <string>

namespace nflab::nfverdict {
namespace {

constexpr std::int32_t xt_return = -NF_REPEAT - 1;
constexpr std::int32_t xt_continue = -1;

template <std::size_t N>
std::string text_of(const char (&field)[N]) {
    return {field, ::strnlen(field, N)};
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

// The part of a kernel verdict that is the same for all engines: include/uapi/linux/netfilter.h.
const char* final_verdict(std::uint32_t verdict) {
    switch (verdict & NF_VERDICT_MASK) {
    case NF_DROP:
        return "drop";
    case NF_ACCEPT:
    case NF_STOP:
        return "accept";
    case NF_STOLEN:
        return "stolen";
    case NF_QUEUE:
        return "queue";
    case NF_REPEAT:
        return "repeat";
    default:
        return "";
    }
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

void assemble_xt(const nfv_event& event, verdict::Record& record) {
    record.engine = event.table_family == NFPROTO_IPV6 ? "ip6tables" : "iptables";
    record.family = family_name(event.table_family);
    if (event.has_state) {
        record.base_chain = builtin_chain(
            event.table_family == NFPROTO_IPV6 ? Legacy::ip6tables : Legacy::iptables, event.hook);
        record.priority = legacy_priority(record.table, event.hook);
    }
    record.target = text_of(event.target);
    if (event.kind == NFV_XT_TARGET) {
        record.rule_kind = verdict::RuleKind::rule;
        record.verdict = event.verdict == xt_continue
                             ? "continue"
                             : final_verdict(static_cast<std::uint32_t>(event.verdict));
        if (record.target == "REJECT" && record.verdict == "drop")
            record.verdict = "reject";
        return;
    }
    record.target.clear();
    if (event.verdict == xt_return)
        record.verdict = "return";
    else if (event.verdict < 0)
        record.verdict = final_verdict(static_cast<std::uint32_t>(-event.verdict - 1));
    else
        record.verdict = "jump";
}

struct XtAnswer {
    XtEntry entry;
    std::string text;
    std::string target;
    const char* verdict = nullptr; ///< of a standard target that does not decide

    bool operator==(const XtAnswer& other) const {
        return entry.kind == other.entry.kind && entry.chain == other.entry.chain &&
               entry.number == other.entry.number && text == other.text && target == other.target;
    }
};

std::optional<XtAnswer> look_up(const XtSnapshot& snapshot, const nfv_event& event) {
    const auto found = snapshot.entries.find(event.entry);
    if (found == snapshot.entries.end())
        return {};
    XtAnswer answer{found->second, {}, found->second.target};
    if (event.kind == NFV_XT_STANDARD && event.verdict >= 0) {
        const auto destination = static_cast<std::uint32_t>(event.verdict);
        if (destination == answer.entry.next) {
            answer.verdict = "continue";
        } else if (const auto chain = snapshot.entries.find(destination);
                   chain != snapshot.entries.end()) {
            answer.target = chain->second.chain;
            answer.verdict = answer.entry.is_goto ? "goto" : "jump";
        }
    }
    if (answer.entry.kind == XtEntry::Kind::rule) {
        const auto rules = snapshot.save.find(answer.entry.chain);
        if (rules != snapshot.save.end() && answer.entry.number <= rules->second.size())
            answer.text = rules->second[answer.entry.number - 1];
    }
    return answer;
}

} // namespace

verdict::Record assemble(const nfv_event& event, const std::optional<ConntrackLayout>& layout) {
    verdict::Record record;
    record.netns = event.netns;
    record.time_ns = event.time;
    record.cpu = static_cast<int>(event.cpu);
    record.packet.length = event.length;
    record.packet.skb = event.skb;
    record.packet.mark = event.mark;
    parse_packet(packet_family(event), {event.header, event.header_length}, record.packet);
    assemble_frame(event, record.packet);
    record.conntrack = parse_conntrack(event.nfct, event.conn, layout);
    if (event.has_state)
        record.hook = hook_name(event.pf, event.hook);
    record.in_device = text_of(event.in);
    record.out_device = text_of(event.out);
    record.table = text_of(event.table);
    record.method = event.method == NFV_DECOY ? "decoy" : "site";
    if (event.kind == NFV_DROP)
        return record;
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

void explain_xt(const nfv_event& event, const Candidates<XtSnapshot>& candidates,
                verdict::Record& record) {
    const auto answer =
        agreed(candidates, [&](const XtSnapshot& snapshot) { return look_up(snapshot, event); });
    if (!answer)
        return;
    record.chain = answer->entry.chain;
    record.target = answer->target;
    if (answer->verdict)
        record.verdict = answer->verdict;
    switch (answer->entry.kind) {
    case XtEntry::Kind::rule:
        record.rule_kind = verdict::RuleKind::rule;
        record.rule = answer->entry.number;
        record.rule_text = answer->text;
        record.comment = xt_comment(answer->text);
        break;
    case XtEntry::Kind::policy:
        record.rule_kind = verdict::RuleKind::policy;
        record.rule_text = "policy " + record.verdict;
        break;
    case XtEntry::Kind::implicit_return:
        record.rule_kind = verdict::RuleKind::end_of_chain;
        break;
    case XtEntry::Kind::chain_head:
        break;
    }
}

} // namespace nflab::nfverdict

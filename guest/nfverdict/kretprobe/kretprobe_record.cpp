// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/kretprobe/kretprobe_record.hpp"

#include "guest/nfverdict/hooks/hook.hpp"
#include "guest/nfverdict/kernel/kernel_api.hpp"
#include "guest/nfverdict/legacy/legacy.hpp"
#include "guest/nfverdict/packet/conntrack.hpp"
#include "guest/nfverdict/packet/packet.hpp"

#include <linux/if_ether.h>
#include <nlohmann/json.hpp>

#include <charconv>
#include <string>
#include <vector>

namespace nflab::nfverdict {
namespace {

std::vector<std::uint8_t> bytes_of(const std::string& hex) {
    std::vector<std::uint8_t> bytes(hex.size() / 2);
    for (std::size_t i = 0; i < bytes.size(); ++i)
        std::from_chars(hex.data() + 2 * i, hex.data() + 2 * i + 2, bytes[i], 16);
    return bytes;
}

int packet_family(unsigned ethertype) {
    return ethertype == ETH_P_IP ? AF_INET : ethertype == ETH_P_IPV6 ? AF_INET6 : 0;
}

} // namespace

std::optional<verdict::Record> KretprobeRecords::next(const nlohmann::json& call) {
    verdict::Record record;
    record.function = call.at("function").get<std::string>();
    record.verdict = call.at("verdict").get<std::string>();
    record.cpu = call.at("cpu").get<int>();
    record.packet.skb = call.at("skb").get<std::uint64_t>();
    const bool drop = record.verdict == "drop";
    const bool of_hook = record.function == "nf_hook_slow";
    if (of_hook) {
        const bool told =
            dropped_skb_ == record.packet.skb && std::exchange(dropped_cpu_, -1) == record.cpu;
        if (!drop || told)
            return {};
    }
    dropped_skb_ = drop ? record.packet.skb : 0;
    dropped_cpu_ = drop ? record.cpu : -1;

    record.method = "kretprobe";
    record.netns = call.value("netns", std::uint64_t{0});
    record.time_ns = call.at("time_ns").get<std::uint64_t>();
    record.packet.length = call.value("length", 0U);
    record.packet.mark = call.value("mark", 0U);
    const auto ethertype = call.value("ethertype", std::uint16_t{0});
    const auto header = bytes_of(call.value("header", ""));
    parse_packet(packet_family(ethertype), header, record.packet);
    if (record.packet.family == 0)
        record.packet.ethertype = ethertype;
    if (ethertype == ETH_P_ARP)
        parse_arp(header, record.packet);
    record.conntrack = parse_conntrack(call.value("conntrack", std::uint64_t{0}), {}, {});
    const unsigned hook = call.at("hook").get<unsigned>();
    record.hook = hook_name(call.at("pf").get<unsigned>(), hook);
    record.in_device = call.value("in", "");
    record.out_device = call.value("out", "");
    record.stack = call.value("stack", std::vector<std::string>());
    if (of_hook) {
        record.engine = "none";
        record.rule_kind = verdict::RuleKind::none;
        record.stage = "hook";
        record.basis = "return value";
        return record;
    }
    record.family = family_name(call.value("family", 0U));
    record.table = call.value("table", "");
    if (record.function == "nft_do_chain") {
        record.engine = "nft";
        record.base_chain = call.value("chain", "");
        record.priority = call.at("priority").get<int>();
    } else {
        const Legacy engine =
            record.function == "ip6t_do_table" ? Legacy::ip6tables : Legacy::iptables;
        record.engine = name_of(engine);
        record.base_chain = builtin_chain(engine, hook);
        record.priority = legacy_priority(engine, record.table, hook);
    }
    return record;
}

} // namespace nflab::nfverdict

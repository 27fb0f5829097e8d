// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/differential/hearing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

namespace nflab::witness {
namespace {

using verdict::Record;

bool counts_decisions(const RuleCount& count) {
    if (count.engine == Engine::nft || count.rule == 0)
        return true;
    static const std::set<std::string> targets{"ACCEPT",     "DROP", "REJECT",   "SNAT",
                                               "MASQUERADE", "DNAT", "REDIRECT", "NFQUEUE"};
    const std::size_t at = count.text.rfind("-j ");
    if (at == std::string::npos)
        return false;
    const std::string word = count.text.substr(at + 3);
    return targets.count(word.substr(0, word.find(' '))) != 0;
}

std::string flow_text(const Flow& flow) {
    return fmt::format("answers from {} {} to {} {}", flow.source, flow.source_port,
                       flow.destination, flow.destination_port);
}

} // namespace

void hear_counters(Hearing& hearing, const Evidence& evidence) {
    std::map<std::tuple<std::string, std::string, std::string, std::uint64_t>, std::uint64_t> seen;
    for (const Record& record : evidence.records) {
        if (!decides(record))
            continue;
        ++seen[{is_nft(record) ? "nft" : record.engine, table_of(record), record.chain,
                rule_of(record)}];
        // The nft variants of iptables count by number, too.
        if (is_nft(record) && record.engine != "nft" && record.rule_kind == verdict::RuleKind::rule)
            ++seen[{record.engine, record.table, record.chain, record.rule}];
    }
    for (const RuleCount& count : evidence.counts) {
        if (!counts_decisions(count))
            continue;
        const std::string engine = name_of(count.engine);
        const auto found = seen.find({engine, count.table, count.chain, count.rule});
        const std::uint64_t own = found == seen.end() ? 0 : found->second;
        if (own == count.packets)
            hearing.agree(Check::counter);
        else
            hearing.differ(
                Check::counter, engine,
                fmt::format("{} {} rule {}: {}", count.table, count.chain, count.rule, count.text),
                fmt::format("{} records", own), fmt::format("{} counted", count.packets));
    }
}

// What nfverdict saw last of a connection's entry must be what the kernel lists.
void hear_conntrack(Hearing& hearing, const Evidence& evidence, const RecordsByPacket& records) {
    for (const auto& [key, own] : records) {
        const Record& last = *own.back();
        if (!last.conntrack || !last.conntrack->original || !last.conntrack->reply ||
            last.hook != "postrouting" || last.priority.value_or(0) < 320)
            continue;
        // An ICMP error belongs to the connection that it tells of.
        const int protocol =
            last.packet.quoted ? last.packet.quoted->protocol : last.packet.protocol;
        const auto flow = [&](const verdict::Tuple& tuple) {
            const bool ports = protocol == 6 || protocol == 17;
            return Flow{protocol, tuple.source, tuple.destination, tuple.source_port,
                        ports ? tuple.destination_port : 0U};
        };
        const auto listed = evidence.flows.find(flow(*last.conntrack->original));
        if (listed == evidence.flows.end())
            continue;
        const Flow reply = flow(*last.conntrack->reply);
        if (reply == listed->second)
            hearing.agree(Check::conntrack);
        else
            hearing.differ(Check::conntrack, "conntrack", key, flow_text(reply),
                           flow_text(listed->second));
    }
}

// Every packet that connection tracking dropped is in one or both of these counters
// (nf_conntrack_in(), __nf_conntrack_confirm() and nf_ct_resolve_clash() in
// net/netfilter/nf_conntrack_core.c), and so must be in a record.
void hear_conntrack_drops(Hearing& hearing, const Evidence& evidence) {
    std::uint64_t told = 0;
    for (const Record& record : evidence.records)
        told += record.rule_kind == verdict::RuleKind::none && record.stage == "conntrack" &&
                record.verdict == "drop";
    const auto& [dropped, failed] = evidence.conntrack_drops;
    if (told >= std::max(dropped, failed) && told <= dropped + failed)
        hearing.agree(Check::conntrack_drops, told + 1);
    else
        hearing.differ(Check::conntrack_drops, "conntrack", "all packets",
                       fmt::format("{} drops by conntrack", told),
                       fmt::format("drop={} insert_failed={}", dropped, failed));
}

} // namespace nflab::witness

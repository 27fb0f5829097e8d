// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/verdict/match.hpp"

#include "harness/verdict/decision.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <netinet/in.h>

#include <algorithm>
#include <chrono>
#include <map>

namespace nflab::verdict {
namespace {

using scenario::Decider;
using scenario::Expectation;
using scenario::PacketFilter;
using scenario::RuleMatch;
using scenario::Station;

bool contains(const std::vector<std::string>& list, const std::string& item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

bool protocol_matches(scenario::Protocol wanted, const Packet& packet) {
    constexpr std::uint16_t arp = 0x0806; // ETH_P_ARP of include/uapi/linux/if_ether.h
    switch (wanted) {
    case scenario::Protocol::icmp:
        return is_icmp(packet);
    case scenario::Protocol::tcp:
        return packet.protocol == IPPROTO_TCP;
    case scenario::Protocol::udp:
        return packet.protocol == IPPROTO_UDP;
    case scenario::Protocol::sctp:
        return packet.protocol == IPPROTO_SCTP;
    case scenario::Protocol::arp:
        return packet.ethertype == arp;
    }
    return false;
}

bool filter_matches(const PacketFilter& filter, const Packet& packet) {
    return (!filter.protocol || protocol_matches(*filter.protocol, packet)) &&
           (!filter.source_port || *filter.source_port == packet.source_port) &&
           (!filter.destination_port || *filter.destination_port == packet.destination_port) &&
           (filter.from.empty() || contains(filter.from, packet.source)) &&
           (filter.to.empty() || contains(filter.to, packet.destination)) &&
           (!filter.length || *filter.length == packet.length);
}

bool rule_matches(const RuleMatch& wanted, const Record& record) {
    switch (wanted.kind) {
    case RuleMatch::Kind::any:
        return true;
    case RuleMatch::Kind::policy:
        return record.rule_kind == RuleKind::policy;
    case RuleMatch::Kind::number:
        return record.rule_kind == RuleKind::rule && record.rule == wanted.number;
    case RuleMatch::Kind::handle: {
        // The nft variants of iptables have a number, and the handle beside it.
        const std::uint64_t handle = record.handle != 0 ? record.handle : record.rule;
        return record.rule_kind == RuleKind::rule && handle == wanted.number;
    }
    case RuleMatch::Kind::comment:
        return record.rule_kind == RuleKind::rule && record.comment == wanted.text;
    case RuleMatch::Kind::text:
        return record.rule_kind == RuleKind::rule &&
               (record.comment == wanted.text ||
                record.rule_text.find(wanted.text) != std::string::npos);
    }
    return false;
}

bool decider_matches(const Decider& by, const Record& record) {
    return (by.stage.empty() || by.stage == record.stage) &&
           (by.reason.empty() || by.reason == record.reason ||
            record.rule_text.find(by.reason) != std::string::npos) &&
           (by.engine.empty() || by.engine == record.engine) &&
           (by.family.empty() || by.family == record.family) &&
           (by.table.empty() || by.table == record.table) &&
           (by.chain.empty() || by.chain == deciding_chain(record)) &&
           rule_matches(by.match, record);
}

// The address that the connection shows to the other side, when it is not its own.
std::string translated_source(const Record& record) {
    return record.conntrack && record.conntrack->reply ? record.conntrack->reply->destination : "";
}

std::string translated_destination(const Record& record) {
    return record.conntrack && record.conntrack->reply ? record.conntrack->reply->source : "";
}

// "nf_hook_slow+0x47/0x100 [nf_tables]" is a call of nf_hook_slow.
bool is_call_of(const std::string& function, const std::string& frame) {
    return frame.rfind(function, 0) == 0 &&
           (frame.size() == function.size() || frame[function.size()] == '+');
}

bool stack_goes_through(const std::vector<std::string>& stack,
                        const std::vector<std::string>& functions) {
    auto frame = stack.begin();
    return std::all_of(functions.begin(), functions.end(), [&](const std::string& function) {
        frame = std::find_if(frame, stack.end(),
                             [&](const std::string& each) { return is_call_of(function, each); });
        return frame != stack.end();
    });
}

bool filter_is_specific(const PacketFilter& filter) {
    return filter.protocol == scenario::Protocol::icmp && !filter.to.empty();
}

bool is_noise(const PacketPath& path, const PacketFilter& filter) {
    return !path.sent && is_neighbour_noise(path.records.front().packet) &&
           !filter_is_specific(filter);
}

bool station_matches(const Station& station, const Record& record) {
    return (station.at.empty() || station.at == record.node) &&
           (!station.hook || *station.hook == record.hook) &&
           (!station.verdict || *station.verdict == record.verdict) &&
           (!station.by || decider_matches(*station.by, record));
}

// " at router, hook forward, verdict drop, by iptables filter FORWARD policy"
std::string station_in_words(const Station& station) {
    std::string text;
    if (!station.at.empty())
        text += " at " + station.at;
    if (station.hook)
        text += ", hook " + *station.hook;
    if (station.verdict)
        text += ", verdict " + *station.verdict;
    if (station.by) {
        const Decider& by = *station.by;
        text += ", by " + by.engine;
        for (const std::string& part : {by.family, by.table, by.chain, by.stage, by.reason})
            if (!part.empty())
                text += " " + part;
        if (!by.rule.empty())
            text += by.match.kind == RuleMatch::Kind::text ? fmt::format(" \"{}\"", by.rule)
                                                           : " " + by.rule;
    }
    return text;
}

std::string in_words(const Expectation& expectation) {
    std::string text = expectation.packet.empty() ? "packets" : expectation.packet + " packets";
    if (!expectation.path.empty()) {
        text += " that pass";
        for (const Station& station : expectation.path)
            text +=
                (&station == &expectation.path.front() ? "" : "; then") + station_in_words(station);
        return text;
    }
    text += station_in_words(expectation);
    if (expectation.snat)
        text += ", leaving as " + *expectation.snat;
    if (expectation.dnat)
        text += ", going to " + *expectation.dnat;
    if (!expectation.stack.empty())
        text += fmt::format(", called through {}", fmt::join(expectation.stack, ", "));
    return text;
}

std::string how_many(const Expectation& expectation) {
    if (expectation.negated)
        return "no ";
    if (expectation.count)
        return fmt::format("exactly {} ", *expectation.count);
    return "at least one of ";
}

std::string one_line(const Record& record) {
    std::string text = fmt::format("{} at {}, hook {}: {} {}", describe(record.packet), record.node,
                                   record.hook, place(record), decision(record));
    if (const std::string why = grounds(record); !why.empty())
        text += " " + why;
    return text;
}

// What was there instead: the nearest thing to what was expected, most specific first.
std::string instead(const Expectation& expectation, const std::vector<PacketPath>& paths,
                    std::vector<std::size_t>& bearing) {
    std::map<std::string, std::size_t> lines;
    for (std::size_t i = 0; i < paths.size(); ++i) {
        if (is_noise(paths[i], expectation.filter))
            continue;
        bool of_interest = false;
        for (const Record& record : paths[i].records) {
            if (!filter_matches(expectation.filter, record.packet) ||
                (!expectation.at.empty() && record.node != expectation.at))
                continue;
            of_interest = true;
            if (!expectation.hook || *expectation.hook == record.hook)
                ++lines[fmt::format("{} {}", place(record), decision(record))];
        }
        if (of_interest)
            bearing.push_back(i);
    }
    if (bearing.empty())
        return "no such packet was seen";
    if (lines.empty())
        return "such packets were seen, but not at this hook";
    std::string text;
    for (const auto& [line, times] : lines)
        text += fmt::format("{}{} ({}×)", text.empty() ? "" : "; ", line, times);
    return text;
}

double milliseconds(std::chrono::microseconds time) {
    return std::chrono::duration<double, std::milli>(time).count();
}

Judgement judge_reply(const Expectation& expectation, const std::vector<SentPacket>& sent,
                      const std::vector<PacketPath>& paths) {
    Judgement judgement;
    int replies = 0;
    int packets = 0;
    std::map<std::string, int> failures;
    for (std::size_t i = 0; i < sent.size(); ++i) {
        const SentPacket& packet = sent[i];
        if (packet.node != expectation.at)
            continue;
        Packet header;
        if (packet.header)
            header = *packet.header;
        else
            header.protocol = packet.protocol == "tcp"    ? IPPROTO_TCP
                              : packet.protocol == "udp"  ? IPPROTO_UDP
                              : packet.protocol == "sctp" ? IPPROTO_SCTP
                                                          : IPPROTO_ICMP;
        header.source = packet.source;
        header.destination = packet.destination;
        header.source_port = packet.source_port;
        header.destination_port = packet.destination_port;
        if (!filter_matches(expectation.filter, header))
            continue;
        ++packets;
        const bool replied = packet.result == SentPacket::Result::replied;
        const std::chrono::microseconds taken(packet.rtt_us);
        if (replied && (!expectation.within || taken <= *expectation.within))
            ++replies;
        else if (replied)
            ++failures[fmt::format("too late, after {:.1f} ms", milliseconds(taken))];
        else
            ++failures[packet.result == SentPacket::Result::failed ? packet.detail : "no answer"];
        for (std::size_t p = 0; p < paths.size(); ++p)
            if (paths[p].sent == i)
                judgement.paths.push_back(p);
    }
    judgement.expected =
        fmt::format("{} at {}",
                    *expectation.reply == 0   ? "no reply"
                    : *expectation.reply == 1 ? "1 reply"
                                              : fmt::format("{} replies", *expectation.reply),
                    expectation.at);
    if (expectation.within)
        judgement.expected += fmt::format(" within {} ms", expectation.within->count());
    judgement.seen = fmt::format("{} of {} answered", replies, packets);
    for (const auto& [failure, times] : failures)
        judgement.seen += fmt::format("; {} ({}×)", failure, times);
    judgement.passed = (replies == *expectation.reply) != expectation.negated;
    if (expectation.negated)
        judgement.expected = "not: " + judgement.expected;
    return judgement;
}

// How many of the stations, from the first on, the packet has passed in this order.
std::size_t stations_passed(const std::vector<Station>& stations, const PacketPath& path) {
    std::size_t passed = 0;
    for (const Record& record : path.records)
        if (passed < stations.size() && station_matches(stations[passed], record))
            ++passed;
    return passed;
}

bool is_about(const Expectation& expectation, const PacketPath& path) {
    return !is_noise(path, expectation.filter) &&
           std::any_of(path.records.begin(), path.records.end(), [&](const Record& record) {
               return filter_matches(expectation.filter, record.packet);
           });
}

bool is_met_by(const Expectation& expectation, const PacketPath& path) {
    if (!expectation.path.empty())
        return is_about(expectation, path) &&
               stations_passed(expectation.path, path) == expectation.path.size();
    return !is_noise(path, expectation.filter) &&
           std::any_of(path.records.begin(), path.records.end(),
                       [&](const Record& record) { return matches(expectation, record); });
}

// How far those came that came farthest without passing all stations.
std::string instead_of_path(const Expectation& expectation, const std::vector<PacketPath>& paths,
                            std::vector<std::size_t>& bearing) {
    std::size_t farthest = 0;
    for (std::size_t i = 0; i < paths.size(); ++i) {
        const std::size_t passed = stations_passed(expectation.path, paths[i]);
        if (!is_about(expectation, paths[i]) || passed == expectation.path.size() ||
            passed < farthest)
            continue;
        if (passed > farthest)
            bearing.clear();
        farthest = passed;
        bearing.push_back(i);
    }
    if (bearing.empty())
        return "no such packet was seen";
    return fmt::format("{} of {} stations were passed, and then none{}", farthest,
                       expectation.path.size(), station_in_words(expectation.path[farthest]));
}

Judgement judge_dropped_by_none(const Expectation& expectation,
                                const std::vector<PacketPath>& paths) {
    Judgement judgement;
    judgement.expected = "nothing dropped a packet";
    if (!expectation.at.empty())
        judgement.expected += " at " + expectation.at;
    for (std::size_t i = 0; i < paths.size(); ++i) {
        const Record* end = paths[i].end();
        if (!end || is_noise(paths[i], expectation.filter) ||
            (!expectation.at.empty() && end->node != expectation.at) ||
            !filter_matches(expectation.filter, end->packet))
            continue;
        judgement.paths.push_back(i);
        if (judgement.seen.empty())
            judgement.seen = one_line(*end);
    }
    judgement.passed = judgement.paths.empty();
    if (judgement.passed)
        judgement.seen = "nothing did";
    else if (judgement.paths.size() > 1)
        judgement.seen += fmt::format(", and {} more", judgement.paths.size() - 1);
    return judgement;
}

} // namespace

bool matches(const Expectation& expectation, const Record& record) {
    return station_matches(expectation, record) &&
           filter_matches(expectation.filter, record.packet) &&
           (!expectation.snat || *expectation.snat == translated_source(record)) &&
           (!expectation.dnat || *expectation.dnat == translated_destination(record)) &&
           stack_goes_through(record.stack, expectation.stack);
}

Judgement judge(const Expectation& expectation, const std::vector<SentPacket>& sent,
                const std::vector<PacketPath>& paths) {
    if (expectation.dropped_by_none)
        return judge_dropped_by_none(expectation, paths);
    if (expectation.reply)
        return judge_reply(expectation, sent, paths);

    Judgement judgement;
    judgement.expected = how_many(expectation) + in_words(expectation);
    for (std::size_t i = 0; i < paths.size(); ++i)
        if (is_met_by(expectation, paths[i]))
            judgement.paths.push_back(i);

    const auto found = static_cast<int>(judgement.paths.size());
    if (expectation.negated)
        judgement.passed = found == 0;
    else if (expectation.count)
        judgement.passed = found == *expectation.count;
    else
        judgement.passed = found > 0;

    if (found > 0)
        judgement.seen = fmt::format("{} such packet{}", found, found == 1 ? "" : "s");
    if (!judgement.passed && !expectation.negated) {
        std::vector<std::size_t> bearing;
        const std::string other = expectation.path.empty()
                                      ? instead(expectation, paths, bearing)
                                      : instead_of_path(expectation, paths, bearing);
        judgement.seen += fmt::format("{}{}", found > 0 ? ", and otherwise: " : "none: ", other);
        judgement.paths = bearing;
    }
    if (judgement.seen.empty())
        judgement.seen = "none";
    return judgement;
}

} // namespace nflab::verdict

// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/verdict/path.hpp"

#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace nflab::verdict {
namespace {

constexpr int echo_request = 8;
constexpr int echo_reply = 0;
constexpr int echo_request6 = 128;
constexpr int echo_reply6 = 129;

// An skb address is used again soon; within this time at rising hooks it is the same packet.
constexpr std::uint64_t same_packet_ns = 1'000'000'000;

bool is_icmp(const Packet& packet) {
    return packet.protocol == IPPROTO_ICMP || packet.protocol == IPPROTO_ICMPV6;
}

bool is_echo(const Packet& packet) {
    const std::array<int, 4> types = {echo_request, echo_reply, echo_request6, echo_reply6};
    return is_icmp(packet) &&
           std::find(types.begin(), types.end(), packet.icmp_type) != types.end() &&
           // 0 is an echo reply in ICMP and nothing in ICMPv6, and so on
           (packet.protocol == IPPROTO_ICMP) == (packet.icmp_type <= echo_request);
}

bool is_echo_reply(const Packet& packet) {
    return is_echo(packet) && (packet.icmp_type == echo_reply || packet.icmp_type == echo_reply6);
}

std::string protocol_name(int protocol) {
    switch (protocol) {
    case IPPROTO_ICMP:
        return "icmp";
    case IPPROTO_ICMPV6:
        return "icmpv6";
    case IPPROTO_TCP:
        return "tcp";
    case IPPROTO_UDP:
        return "udp";
    case IPPROTO_SCTP:
        return "sctp";
    case IPPROTO_IGMP:
        return "igmp";
    default:
        return fmt::format("protocol {}", protocol);
    }
}

bool same_protocol(const Packet& packet, const SentPacket& sent) {
    if (sent.protocol == "icmp")
        return is_echo(packet);
    return (sent.protocol == "tcp" && packet.protocol == IPPROTO_TCP) ||
           (sent.protocol == "udp" && packet.protocol == IPPROTO_UDP);
}

// Where in a node's stack a hook stands; a packet never goes back.
int stage(const std::string& hook) {
    static const std::map<std::string, int> stages = {
        {"ingress", 0}, {"prerouting", 1}, {"input", 2},       {"forward", 2},
        {"output", 1},  {"egress", 4},     {"postrouting", 3},
    };
    const auto found = stages.find(hook);
    return found == stages.end() ? 0 : found->second;
}

// One packet inside one node.
struct Visit {
    std::vector<Record> records;
};

// Address translation changes addresses and ports, never these.
bool same_headers(const Packet& a, const Packet& b) {
    return a.protocol == b.protocol && a.ip_id == b.ip_id && a.icmp_sequence == b.icmp_sequence &&
           a.icmp_type == b.icmp_type && a.tcp_flags == b.tcp_flags;
}

bool same_hook_function(const Record& a, const Record& b) {
    return a.hook == b.hook && a.engine == b.engine && a.family == b.family && a.table == b.table &&
           a.base_chain == b.base_chain;
}

// Whether a record with the same sk_buff address still is about the same packet.
bool continues(const Visit& visit, const Record& record) {
    const Record& last = visit.records.back();
    if (ends_packet(last) || record.time_ns - last.time_ns > same_packet_ns ||
        stage(record.hook) < stage(last.hook) || !same_headers(record.packet, last.packet))
        return false;
    return std::none_of(visit.records.begin(), visit.records.end(), [&](const Record& earlier) {
        return earlier.final() && same_hook_function(earlier, record);
    });
}

std::vector<Visit> split_into_visits(std::vector<Record> records) {
    std::stable_sort(records.begin(), records.end(),
                     [](const Record& a, const Record& b) { return a.time_ns < b.time_ns; });
    std::vector<Visit> visits;
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::size_t> open; // netns, skb -> visit
    for (Record& record : records) {
        const std::pair key{record.netns, record.packet.skb};
        const auto found = open.find(key);
        const bool goes_on = found != open.end() && continues(visits[found->second], record);
        if (!goes_on) {
            open[key] = visits.size();
            visits.emplace_back();
            visits.back().records.push_back(std::move(record));
        } else {
            visits[found->second].records.push_back(std::move(record));
        }
    }
    return visits;
}

struct Match {
    std::size_t sent = 0;
    bool reply = false;
};

bool addresses_match(const Packet& packet, const SentPacket& sent, bool reply) {
    const bool forward = packet.source == sent.source && packet.destination == sent.destination;
    const bool backward = packet.source == sent.destination && packet.destination == sent.source;
    if (!(reply ? backward : forward))
        return false;
    if (sent.protocol == "icmp")
        return packet.icmp_id == sent.icmp_id && packet.icmp_sequence == sent.icmp_sequence &&
               is_echo_reply(packet) == reply;
    const auto& [near, far] = reply ? std::pair(packet.destination_port, packet.source_port)
                                    : std::pair(packet.source_port, packet.destination_port);
    return near == sent.source_port && far == sent.destination_port;
}

// After translation the packet no longer looks like what was sent, but its conntrack entry does.
bool conntrack_matches(const Record& record, const SentPacket& sent, bool reply) {
    if (!record.conntrack || !record.conntrack->original)
        return false;
    const Tuple& original = *record.conntrack->original;
    if (original.source != sent.source || original.destination != sent.destination)
        return false;
    if (sent.protocol == "icmp")
        return original.source_port == sent.icmp_id &&
               record.packet.icmp_sequence == sent.icmp_sequence &&
               is_echo_reply(record.packet) == reply;
    if (original.source_port != sent.source_port ||
        original.destination_port != sent.destination_port)
        return false;
    const Packet& packet = record.packet;
    const bool returns =
        (packet.destination == original.source &&
         packet.destination_port == original.source_port) ||
        (record.conntrack->reply && packet.source == record.conntrack->reply->source &&
         packet.source_port == record.conntrack->reply->source_port);
    return returns == reply;
}

std::optional<Match> match_visit(const Visit& visit, const std::vector<SentPacket>& sent,
                                 const std::vector<int>& taken) {
    std::optional<Match> best;
    for (std::size_t i = 0; i < sent.size(); ++i)
        for (const bool reply : {false, true})
            for (const Record& record : visit.records)
                if (same_protocol(record.packet, sent[i]) &&
                    (addresses_match(record.packet, sent[i], reply) ||
                     conntrack_matches(record, sent[i], reply))) {
                    // Several datagrams of one flow look alike: they arrive in the order sent.
                    if (!best || taken[i] < taken[best->sent])
                        best = Match{i, reply};
                    break;
                }
    return best;
}

// Whether a packet that other nodes have seen is the one that this node saw.
bool goes_on_in(const PacketPath& path, const Match& match, const Visit& visit) {
    const Record& first = visit.records.front();
    return path.sent == match.sent && path.reply == match.reply &&
           std::none_of(path.records.begin(), path.records.end(),
                        [&](const Record& record) { return record.node == first.node; }) &&
           same_headers(path.records.front().packet, first.packet) &&
           path.records.front().packet.length == first.packet.length;
}

} // namespace

bool ends_packet(const Record& record) {
    return record.verdict == "drop" || record.verdict == "reject" || record.verdict == "stolen" ||
           record.verdict == "queue";
}

const Record* PacketPath::end() const {
    const auto found = std::find_if(records.begin(), records.end(), ends_packet);
    return found == records.end() ? nullptr : &*found;
}

std::vector<PacketPath> assemble(const std::vector<SentPacket>& sent, std::vector<Record> records,
                                 const HopDistance& distance) {
    std::map<std::string, std::vector<Record>> by_node;
    for (Record& record : records)
        by_node[record.node].push_back(std::move(record));

    std::vector<PacketPath> paths;
    for (auto& [node, node_records] : by_node) {
        std::map<bool, std::vector<int>> taken;
        taken[false].resize(sent.size());
        taken[true].resize(sent.size());
        for (Visit& visit : split_into_visits(std::move(node_records))) {
            auto match = match_visit(visit, sent, taken[false]);
            if (match && match->reply)
                match = match_visit(visit, sent, taken[true]);
            if (!match) {
                paths.push_back({std::nullopt, false, std::move(visit.records)});
                continue;
            }
            ++taken[match->reply][match->sent];
            const auto seen_elsewhere =
                std::find_if(paths.begin(), paths.end(), [&](const PacketPath& path) {
                    return goes_on_in(path, *match, visit);
                });
            if (seen_elsewhere == paths.end())
                paths.push_back({match->sent, match->reply, std::move(visit.records)});
            else
                std::move(visit.records.begin(), visit.records.end(),
                          std::back_inserter(seen_elsewhere->records));
        }
    }
    for (PacketPath& path : paths) {
        if (!path.sent)
            continue;
        const std::string& origin = sent[*path.sent].node;
        const int sign = path.reply ? -1 : 1;
        std::stable_sort(
            path.records.begin(), path.records.end(), [&](const Record& a, const Record& b) {
                return sign * distance(origin, a.node) < sign * distance(origin, b.node);
            });
    }
    // What was sent first comes first, each packet before its reply; the rest in order of time.
    std::stable_sort(paths.begin(), paths.end(), [](const PacketPath& a, const PacketPath& b) {
        if (a.sent.has_value() != b.sent.has_value())
            return a.sent.has_value();
        if (a.sent != b.sent)
            return *a.sent < *b.sent;
        if (a.records.front().node == b.records.front().node)
            return a.records.front().time_ns < b.records.front().time_ns;
        return a.reply < b.reply;
    });
    return paths;
}

std::string describe(const Packet& packet) {
    const auto end_point = [](const std::string& address, std::uint16_t port) {
        if (port == 0)
            return address;
        return address.find(':') == std::string::npos ? fmt::format("{}:{}", address, port)
                                                      : fmt::format("[{}]:{}", address, port);
    };
    std::string name = protocol_name(packet.protocol);
    std::string suffix;
    if (is_echo(packet))
        name += is_echo_reply(packet) ? " reply" : " echo";
    else if (packet.icmp_type >= 0)
        suffix = fmt::format(" type {} code {}", packet.icmp_type, packet.icmp_code);
    if (packet.protocol == IPPROTO_TCP && packet.tcp_flags != 0) {
        suffix = " [";
        const std::pair<int, char> flags[] = {
            {0x02, 'S'}, {0x01, 'F'}, {0x04, 'R'}, {0x08, 'P'}, {0x10, '.'}};
        for (const auto& [bit, letter] : flags)
            if (packet.tcp_flags & bit)
                suffix += letter;
        suffix += ']';
    }
    return fmt::format("{} {} -> {}{}", name, end_point(packet.source, packet.source_port),
                       end_point(packet.destination, packet.destination_port), suffix);
}

bool is_neighbour_noise(const Packet& packet) {
    if (packet.protocol == IPPROTO_ICMPV6)
        return (packet.icmp_type >= 130 && packet.icmp_type <= 137) || packet.icmp_type == 143;
    return packet.protocol == IPPROTO_IGMP;
}

} // namespace nflab::verdict

// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/verdict/sent_match.hpp"

#include "harness/verdict/flow.hpp"

#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace nflab::verdict {
namespace {

struct Match {
    std::size_t sent = 0;
    bool reply = false;
    bool certain = false; ///< by its stamp or its echo's number
};

// Of a packet that was sent as it is written.
bool same_protocol(const Packet& packet, const Packet& header) {
    if (header.family == 0)
        return header.ethertype != 0 && packet.ethertype == header.ethertype;
    if (packet.family != header.family || packet.protocol != header.protocol)
        return false;
    if (!is_icmp(header))
        return true;
    return is_echo(header) ? is_echo(packet) : packet.icmp_type == header.icmp_type;
}

bool same_protocol(const Packet& packet, const SentPacket& sent) {
    if (sent.header)
        return same_protocol(packet, *sent.header);
    if (sent.protocol == "icmp")
        return is_echo(packet);
    return (sent.protocol == "tcp" && packet.protocol == IPPROTO_TCP) ||
           (sent.protocol == "udp" && packet.protocol == IPPROTO_UDP) ||
           (sent.protocol == "sctp" && packet.protocol == IPPROTO_SCTP);
}

Tuple tuple_of(const SentPacket& sent) {
    if (sent.protocol == "icmp")
        return {sent.source, sent.destination, sent.icmp_id, sent.icmp_id};
    return {sent.source, sent.destination, sent.source_port, sent.destination_port};
}

// Whether a record is about the packet or an answer to it. After translation it no longer looks
// like what was sent, but its conntrack entry does.
std::optional<bool> direction(const Record& record, const SentPacket& sent) {
    if (!same_protocol(record.packet, sent))
        return {};
    if (sent.protocol == "icmp" && record.packet.icmp_sequence != sent.icmp_sequence)
        return {};
    const Tuple there = tuple_of(sent);
    const Tuple back = inverse(there);
    const FlowNames flow = flow_names(record);
    for (std::size_t i = 0; i < flow.count; ++i) {
        const bool is_there = same_end_points(flow.names[i], there);
        const bool is_back = same_end_points(flow.names[i], back);
        if (sent.protocol == "icmp" && (is_there || is_back)) {
            // Between a machine and itself only the type tells.
            const bool reply = is_echo_reply(record.packet);
            if (reply ? is_back : is_there)
                return reply;
        } else if (is_there || is_back) {
            return is_back;
        }
    }
    return {};
}

// What forwarding and address translation leave alone, and no other packet of the step has.
bool has_numbers_of(const Packet& packet, const Packet& header) {
    if (header.stamp && packet.stamp)
        return *header.stamp == *packet.stamp;
    if (header.ip_id != 0)
        return packet.ip_id == header.ip_id;
    return header.protocol != IPPROTO_TCP || packet.tcp_sequence == header.tcp_sequence;
}

// A fragment without ports, its addresses still those that were sent.
bool is_piece_of(const Packet& packet, const Packet& header) {
    return packet.fragment_offset != 0 && packet.ip_id == header.ip_id &&
           packet.protocol == header.protocol && packet.source == header.source &&
           packet.destination == header.destination;
}

std::optional<Match> match_with_header(const PacketPath& path, std::size_t index,
                                       const SentPacket& sent) {
    for (const Record& record : path.records) {
        if (is_piece_of(record.packet, *sent.header))
            return Match{index, false, true};
        const auto reply = direction(record, sent);
        if (!reply)
            continue;
        if (*reply)
            return Match{index, true, false};
        if (has_numbers_of(record.packet, *sent.header))
            return Match{index, false, true};
    }
    return {};
}

std::optional<Match> match_with_one(const PacketPath& path, std::size_t index,
                                    const SentPacket& sent) {
    if (sent.header)
        return match_with_header(path, index, sent);
    for (const Record& record : path.records) {
        const auto& stamp = record.packet.stamp;
        const bool stamped = sent.stamp && stamp && sent.protocol != "tcp";
        if (stamped && !(*sent.stamp == *stamp))
            return {};
        if (const auto reply = direction(record, sent))
            return Match{index, *reply, stamped || sent.protocol != "udp"};
    }
    return {};
}

// Finds those that a path may belong to without comparing it with each: they share end points, of
// one direction or the other, or are pieces of one datagram.
class SentIndex {
  public:
    explicit SentIndex(const std::vector<SentPacket>& sent) {
        for (std::size_t i = 0; i < sent.size(); ++i) {
            const Tuple there = tuple_of(sent[i]);
            by_end_points_[key(there)].push_back(i);
            by_end_points_[key(inverse(there))].push_back(i);
            if (sent[i].header && sent[i].header->ip_id != 0)
                by_id_[sent[i].header->ip_id].push_back(i);
        }
    }

    std::set<std::size_t> candidates(const PacketPath& path) const {
        std::set<std::size_t> found;
        const auto add = [&](const auto& index, const auto& wanted) {
            if (const auto entry = index.find(wanted); entry != index.end())
                found.insert(entry->second.begin(), entry->second.end());
        };
        for (const Record& record : path.records) {
            const FlowNames flow = flow_names(record);
            for (std::size_t i = 0; i < flow.count; ++i)
                add(by_end_points_, key(flow.names[i]));
            if (record.packet.fragment_offset != 0)
                add(by_id_, record.packet.ip_id);
        }
        return found;
    }

  private:
    static std::string key(const Tuple& tuple) {
        return fmt::format("{} {} {} {}", tuple.source, tuple.destination, tuple.source_port,
                           tuple.destination_port);
    }

    std::map<std::string, std::vector<std::size_t>> by_end_points_;
    std::map<std::uint32_t, std::vector<std::size_t>> by_id_;
};

} // namespace

void match_with_sent(const std::vector<SentPacket>& sent, std::vector<PacketPath>& paths) {
    std::array<std::vector<int>, 2> taken; // by direction
    taken.fill(std::vector<int>(sent.size()));
    const SentIndex index(sent);
    for (PacketPath& path : paths) {
        std::optional<Match> best;
        std::size_t alike = 0;
        for (const std::size_t i : index.candidates(path)) {
            const auto match = match_with_one(path, i, sent[i]);
            if (!match)
                continue;
            alike += match->certain ? 0 : 1;
            if (!best || (!best->certain && (match->certain || taken[match->reply][i] <
                                                                   taken[best->reply][best->sent])))
                best = match;
        }
        if (!best)
            continue;
        ++taken[best->reply][best->sent];
        path.sent = best->sent;
        path.reply = best->reply;
        if (!best->certain && alike > 1)
            path.doubts.push_back(fmt::format(
                "{} packets that were sent look alike; taken in the order sent", alike));
    }
}

} // namespace nflab::verdict

// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/verdict/sent_match.hpp"

#include "harness/verdict/flow.hpp"

#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>

namespace nflab::verdict {
namespace {

struct Match {
    std::size_t sent = 0;
    bool reply = false;
    bool certain = false; ///< by its stamp or its echo's number
};

bool same_protocol(const Packet& packet, const SentPacket& sent) {
    if (sent.protocol == "icmp")
        return is_echo(packet);
    return (sent.protocol == "tcp" && packet.protocol == IPPROTO_TCP) ||
           (sent.protocol == "udp" && packet.protocol == IPPROTO_UDP);
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

std::optional<Match> match_with_one(const PacketPath& path, std::size_t index,
                                    const SentPacket& sent) {
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

} // namespace

void match_with_sent(const std::vector<SentPacket>& sent, std::vector<PacketPath>& paths) {
    std::array<std::vector<int>, 2> taken; // by direction
    taken.fill(std::vector<int>(sent.size()));
    for (PacketPath& path : paths) {
        std::optional<Match> best;
        std::size_t alike = 0;
        for (std::size_t i = 0; i < sent.size(); ++i) {
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

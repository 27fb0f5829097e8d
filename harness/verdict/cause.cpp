// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/verdict/cause.hpp"

#include "harness/verdict/decision.hpp"
#include "harness/verdict/flow.hpp"

#include <netinet/in.h>

#include <algorithm>
#include <optional>

namespace nflab::verdict {
namespace {

constexpr std::uint8_t tcp_fin = 0x01;
constexpr std::uint8_t tcp_syn = 0x02;
constexpr std::uint8_t tcp_rst = 0x04;
constexpr std::uint8_t tcp_ack = 0x10;

// An answer is sent while the packet is being decided about, or right before it is freed.
constexpr std::uint64_t at_once_ns = 100'000'000;

std::uint64_t between(std::uint64_t a, std::uint64_t b) {
    return a > b ? a - b : b - a;
}

bool is_sent_here(const PacketPath& path) {
    const std::string& hook = path.records.front().hook;
    return hook == "output" || hook == "postrouting" || hook == "egress";
}

bool quotes(const QuotedPacket& quoted, const Record& record) {
    const Packet& packet = record.packet;
    if (quoted.protocol != packet.protocol || quoted.icmp_id != packet.icmp_id ||
        quoted.icmp_sequence != packet.icmp_sequence || quoted.ip_id != packet.ip_id)
        return false;
    const bool echo = is_echo(packet);
    const Tuple inner{quoted.source, quoted.destination, echo ? quoted.icmp_id : quoted.source_port,
                      echo ? quoted.icmp_id : quoted.destination_port};
    // On its way back the quoted header is translated, too.
    const FlowNames flow = flow_names(record);
    return std::any_of(flow.names.begin(), flow.names.begin() + flow.count,
                       [&](const Tuple& name) { return same_end_points(name, inner); });
}

// RFC 9293, 3.10.7.1: how a reset's numbers follow from the segment that it answers.
bool resets(const Record& reset, const Record& segment) {
    const Packet& sent = segment.packet;
    if (reset.packet.protocol != IPPROTO_TCP || sent.protocol != IPPROTO_TCP ||
        !(reset.packet.tcp_flags & tcp_rst))
        return false;
    const bool numbers =
        sent.tcp_flags & tcp_ack
            ? reset.packet.tcp_sequence == sent.tcp_acknowledgement
            : reset.packet.tcp_acknowledgement == sent.tcp_sequence + sent.payload +
                                                      ((sent.tcp_flags & tcp_syn) ? 1 : 0) +
                                                      ((sent.tcp_flags & tcp_fin) ? 1 : 0);
    const FlowNames there = flow_names(segment);
    const FlowNames back = flow_names(reset);
    for (std::size_t i = 0; numbers && i < there.count; ++i)
        for (std::size_t j = 0; j < back.count; ++j)
            if (same_end_points(inverse(there.names[i]), back.names[j]))
                return true;
    return false;
}

bool is_answered_by(const Record& dropped, const Record& answer) {
    if (dropped.node != answer.node || dropped.netns != answer.netns ||
        between(dropped.time_ns, answer.time_ns) > at_once_ns || !destroys_packet(dropped))
        return false;
    if (answer.packet.quoted)
        return quotes(*answer.packet.quoted, dropped);
    return dropped.verdict == "reject" && resets(answer, dropped);
}

// A copy leaves while the packet itself is still on its way through the same namespace.
bool is_copied_at(const PacketPath& path, std::size_t index, const Record& copy) {
    const Record& record = path.records[index];
    return record.node == copy.node && record.netns == copy.netns &&
           record.packet.skb != copy.packet.skb && record.time_ns >= copy.time_ns &&
           record.time_ns - copy.time_ns < at_once_ns && same_headers(record.packet, copy.packet) &&
           same_flow(record, copy) && record.hook != "postrouting";
}

std::optional<Cause> cause_of(const std::vector<PacketPath>& paths, std::size_t index) {
    const Record& first = paths[index].records.front();
    std::optional<Cause> nearest;
    std::uint64_t distance = 0;
    const auto consider = [&](Cause::Kind kind, std::size_t path, std::size_t record) {
        const std::uint64_t here = between(paths[path].records[record].time_ns, first.time_ns);
        if (nearest && distance <= here)
            return;
        nearest = Cause{kind, path, record};
        distance = here;
    };
    for (std::size_t i = 0; i < paths.size(); ++i)
        for (std::size_t j = 0; i != index && j < paths[i].records.size(); ++j)
            if (is_answered_by(paths[i].records[j], first))
                consider(Cause::Kind::answer, i, j);
            else if (is_copied_at(paths[i], j, first))
                consider(Cause::Kind::copy, i, j);
    return nearest;
}

} // namespace

void find_causes(std::vector<PacketPath>& paths) {
    for (std::size_t i = 0; i < paths.size(); ++i) {
        PacketPath& path = paths[i];
        if (!is_sent_here(path))
            continue;
        path.cause = cause_of(paths, i);
        if (!path.cause)
            continue;
        const PacketPath& other = paths[path.cause->path];
        if (path.cause->kind == Cause::Kind::answer && !path.sent) {
            path.sent = other.sent;
            path.reply = !other.reply;
        }
    }
}

} // namespace nflab::verdict

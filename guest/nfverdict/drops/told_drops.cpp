// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/drops/told_drops.hpp"

#include "guest/bpf/event.h"

#include <algorithm>
#include <tuple>

namespace nflab::nfverdict {
namespace {

bool same(const verdict::Packet& one, const verdict::Packet& other) {
    const auto name = [](const verdict::Packet& packet) {
        return std::tie(packet.family, packet.protocol, packet.source, packet.destination,
                        packet.source_port, packet.destination_port, packet.icmp_id,
                        packet.icmp_sequence, packet.tcp_sequence, packet.ip_id,
                        packet.fragment_offset);
    };
    // Of some, nothing but the address is known.
    const bool unknown = one.source.empty() || other.source.empty();
    return unknown || name(one) == name(other);
}

} // namespace

void ToldDrops::decided(const verdict::Record& record) {
    constexpr std::size_t room = 4096;
    if (record.verdict != "drop" && record.verdict != "reject")
        return;
    if (dropped_.size() >= room)
        std::erase_if(dropped_, [&](const auto& each) {
            return each.second.time_ns + NFV_SOON < record.time_ns;
        });
    dropped_[record.packet.skb] = {record.time_ns, record.hook, record.packet};
}

bool ToldDrops::knows(const verdict::Record& record) const {
    const auto found = dropped_.find(record.packet.skb);
    if (found == dropped_.end())
        return false;
    const Dropped& last = found->second;
    // Whichever is told first: a base chain returns after the packet is freed.
    const auto [earlier, later] = std::minmax(record.time_ns, last.time_ns);
    // A packet that waits in vain for a listener has not been dropped by a rule.
    return record.stage != "queue" && record.hook == last.hook && later - earlier < NFV_SOON &&
           same(record.packet, last.packet);
}

} // namespace nflab::nfverdict

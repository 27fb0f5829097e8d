// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/verdict/visit.hpp"

#include "harness/verdict/decision.hpp"
#include "harness/verdict/flow.hpp"
#include "harness/verdict/packet.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

namespace nflab::verdict {
namespace {

// A packet that waits longer between two hooks waits in a queue for user space.
constexpr std::uint64_t same_packet_ns = 1'000'000'000;

bool same_hook_function(const Record& a, const Record& b) {
    return a.hook == b.hook && a.priority == b.priority && a.engine == b.engine &&
           a.family == b.family && a.table == b.table && a.base_chain == b.base_chain &&
           a.function == b.function;
}

// After defragmentation the last fragment's sk_buff is the whole datagram.
bool was_made_whole(const Packet& before, const Packet& after) {
    // The fragment header of IPv6 goes, and the identification with it.
    return before.is_fragment() && !after.is_fragment() && before.protocol == after.protocol &&
           (before.ip_id == after.ip_id || after.ip_id == 0);
}

// Addresses change without conntrack, too, when a rule rewrites them.
bool same_packet(const Record& a, const Record& b) {
    return same_flow(a, b) || (a.packet.ip_id != 0 && !a.packet.is_fragment()) ||
           is_unmistakable(a.packet, b.packet);
}

bool is_decided_already(const Visit& visit, const Record& record) {
    return std::any_of(visit.records.begin(), visit.records.end(), [&](const Record& earlier) {
        // With a lower time to live it comes by once more.
        return earlier.final() && same_hook_function(earlier, record) &&
               earlier.packet.ttl <= record.packet.ttl &&
               earlier.packet.is_fragment() == record.packet.is_fragment();
    });
}

bool continues(const Visit& visit, const Record& record) {
    const Record& last = visit.last();
    if (destroys_packet(last))
        return false;
    if (last.verdict != "queue" && record.time_ns - last.time_ns > same_packet_ns)
        return false;
    if (!same_headers(record.packet, last.packet) && !was_made_whole(last.packet, record.packet))
        return false;
    return same_packet(record, last) && !is_decided_already(visit, record);
}

} // namespace

std::vector<Visit> split_into_visits(std::vector<Record> records) {
    std::stable_sort(records.begin(), records.end(),
                     [](const Record& a, const Record& b) { return a.time_ns < b.time_ns; });
    std::vector<Visit> visits;
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::size_t> open; // netns, skb -> visit
    for (Record& record : records) {
        const std::pair key{record.netns, record.packet.skb};
        const auto found = open.find(key);
        // A record without an sk_buff (read from a counter) stands for itself.
        if (record.packet.skb != 0 && found != open.end() &&
            continues(visits[found->second], record)) {
            visits[found->second].records.push_back(std::move(record));
            continue;
        }
        open[key] = visits.size();
        visits.push_back({{}});
        visits.back().records.push_back(std::move(record));
    }
    return visits;
}

} // namespace nflab::verdict

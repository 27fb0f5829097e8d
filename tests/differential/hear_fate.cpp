// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/differential/hearing.hpp"

#include <fmt/format.h>

#include <set>

namespace nflab::witness {

using verdict::Record;
using verdict::RuleKind;

namespace {

constexpr unsigned header4 = 20, header6 = 40, fragment_header = 8;

// Bytes of a datagram's payload in one packet of it, whole or a fragment.
unsigned payload_of(const verdict::Packet& packet) {
    const bool six = packet.family == 10;
    const unsigned headers = six ? header6 + (packet.is_fragment() ? fragment_header : 0) : header4;
    return packet.length > headers ? packet.length - headers : 0;
}

// An IPv6 fragment is known by its identification, which is its shot's uid.
bool is_of(const Hearing& hearing, const Record& record, std::size_t number) {
    const Packet& sent = hearing.shots[number].packet;
    if (record.packet.family == 10 && record.packet.is_fragment())
        return sent.family == 6 && record.packet.protocol == sent.protocol &&
               record.packet.ip_id == sent.uid;
    const Seen seen = seen_in(record);
    return hearing.names.shot(seen) == static_cast<int>(number) && !is_echo_reply(seen) &&
           (sent.family == 6 ? seen.length == length_of(sent) : seen.identification == sent.uid);
}

} // namespace

// A packet of the test leaves the router, is taken in, or somebody said drop.
void hear_capture(Hearing& hearing, const Evidence& evidence, const RecordsByPacket& records) {
    std::set<int> seen_shots;
    for (const auto& [key, own] : records)
        seen_shots.insert(hearing.names.shot(seen_in(*own.front())));
    for (std::size_t i = 0; i < hearing.shots.size(); ++i)
        if (hearing.shots[i].chunk == 0 && !hearing.shots[i].arp &&
            seen_shots.count(static_cast<int>(i)) == 0)
            hearing.differ(Check::capture, "capture", describe(hearing.shots[i]), "no record",
                           "it was sent", true);
    for (const auto& [key, own] : records) {
        const Seen seen = seen_in(*own.front());
        const int number = hearing.names.shot(seen);
        if (number < 0 || hearing.shots[static_cast<std::size_t>(number)].chunk != 0)
            continue;
        bool dropped = false;
        bool taken = false;
        for (const Record* record : own) {
            dropped = dropped || record->verdict == "drop" || record->verdict == "reject" ||
                      record->verdict == "queue" || record->rule_kind == RuleKind::none ||
                      record->rule_kind == RuleKind::table;
            taken = taken || record->hook == "input";
        }
        const Seen* left = nullptr;
        if (const auto found = evidence.captured.find(number); found != evidence.captured.end())
            for (const Seen& each : found->second)
                if (hearing.names.key(each) == key)
                    left = &each;
        const bool should_leave = !dropped && !taken;
        if ((left != nullptr) == should_leave || (taken && !dropped)) {
            hearing.agree(Check::capture);
            continue;
        }
        hearing.differ(Check::capture, "capture", key, story(own),
                       left ? fmt::format("it left the router: {} > {} type {}", left->source,
                                          left->destination, left->icmp_type)
                            : "it did not leave the router",
                       left == nullptr);
    }
}

// Every byte of a fragmented datagram that passes the last chain leaves the router, in whatever
// pieces, unless a record says that it was dropped there.
void hear_fragments(Hearing& hearing, const Evidence& evidence) {
    for (std::size_t number = 0; number < hearing.shots.size(); ++number) {
        if (hearing.shots[number].chunk == 0)
            continue;
        unsigned passed = 0;
        bool dropped = false;
        for (const Record& record : evidence.records) {
            if (!is_of(hearing, record, number))
                continue;
            if (record.table == last_table && record.family == "inet" &&
                record.hook == "postrouting")
                passed += payload_of(record.packet);
            dropped = dropped || record.verdict == "drop";
        }
        const auto found = evidence.arrived.find(static_cast<int>(number));
        const unsigned arrived = found == evidence.arrived.end() ? 0 : found->second;
        if (dropped ? arrived <= passed : arrived == passed)
            hearing.agree(Check::fragments);
        else
            hearing.differ(Check::fragments, "capture", describe(hearing.shots[number]),
                           fmt::format("{} bytes passed the last chain", passed),
                           fmt::format("{} bytes arrived", arrived), arrived < passed);
    }
}

} // namespace nflab::witness

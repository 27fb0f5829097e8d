// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/tracefs/kprobe_walks.hpp"

#include "guest/nfverdict/legacy/legacy_api.hpp"
#include "guest/nfverdict/tracefs/kprobe_definition.hpp"
#include "guest/nfverdict/tracefs/kprobe_packet.hpp"
#include "guest/nfverdict/tracefs/make_room.hpp"
#include "guest/probesite/bytes.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace nflab::nfverdict {
namespace {

using probesite::value_at;

// The target's name as far as the kernel has left it there: a pointer lies over the rest of it.
// REJECT is as long as that, and no other target begins like it.
std::string target_name(std::span<const std::uint8_t> left) {
    constexpr std::string_view reject = "REJECT";
    const char* begin = reinterpret_cast<const char*>(left.data());
    const std::string text(begin, ::strnlen(begin, left.size()));
    return text.size() < left.size() || text == reject ? text : std::string();
}

bool is_final_ebt(std::int32_t verdict) {
    return verdict < 0 && verdict != EBT_RETURN && verdict != EBT_CONTINUE;
}

} // namespace

bool KprobeWalks::next(const KprobeHit& hit, nfv_event& event) {
    switch (hit.kind) {
    case KprobeKind::xt_entered:
    case KprobeKind::ebt_entered:
        enter(hit);
        return false;
    case KprobeKind::xt_matched:
        return xt_matched(hit, event);
    case KprobeKind::xt_result:
    case KprobeKind::ebt_result:
        return result(hit, event);
    case KprobeKind::xt_hotdrop: {
        Entries::Key key{};
        event.kind = NFV_XT_HOTDROP;
        if (!begin(hit, config_.xt[hit.site].family, 0, key, event))
            return false;
        event.entry = 0;
        event.path_length = 0;
        entries_.end(key);
        return true;
    }
    case KprobeKind::ebt_matched:
        return ebt_matched(hit, event);
    case KprobeKind::ebt_policy:
        return ebt_policy(hit, event);
    default:
        return false;
    }
}

KprobeWalks::Table KprobeWalks::table_in(const KprobeHit& hit) const {
    const std::uint64_t first = hit.has("entries")
                                    ? hit.number("entries")
                                    : hit.number("private") + config_.xt_layout.info_entries;
    return {hit.number("walked"), first, hit.text("table")};
}

void KprobeWalks::enter(const KprobeHit& hit) {
    make_room(entered_);
    entered_[{hit.cpu, hit.number("skb")}] = table_in(hit);
}

std::optional<KprobeWalks::Table> KprobeWalks::table_of(const KprobeHit& hit) const {
    if (hit.has("walked"))
        return table_in(hit);
    const auto found = entered_.find({hit.cpu, hit.number("skb")});
    return found == entered_.end() ? std::nullopt : std::optional(found->second);
}

bool KprobeWalks::begin(const KprobeHit& hit, std::uint8_t family, std::uint64_t entry,
                        Entries::Key& key, nfv_event& event) {
    const auto table = table_of(hit);
    if (!table) {
        ++incomplete_;
        return false;
    }
    read_state(hit, event);
    read_packet(hit, event);
    read_conntrack(hit, event);
    event.table_family = family;
    event.entry = static_cast<std::uint32_t>(entry - table->first_entry);
    copy_text(event.table, table->name);
    key = {event.skb ^ hit.cpu, table->address, event.skb};
    if (const auto left = entries_.find(key))
        for (const auto& each : *left)
            if (event.path_length < std::size(event.path))
                event.path[event.path_length++] = each.place;
    return true;
}

KprobeWalks::Entry KprobeWalks::entry_of(const KprobeHit& hit) {
    Entry entry{hit.number("entry_address"), {}};
    for (const char* part : {"entry", "entry_rest"}) {
        const auto bytes = hit.bytes(part);
        entry.bytes.insert(entry.bytes.end(), bytes.begin(), bytes.end());
    }
    return entry;
}

std::span<const std::uint8_t> KprobeWalks::target_of(const Entry& entry, std::size_t offset,
                                                     std::size_t needed) {
    if (offset + needed <= entry.bytes.size())
        return std::span(entry.bytes).subspan(offset);
    ++incomplete_;
    return {};
}

void KprobeWalks::wait_for_target(const KprobeHit& hit, const Entries::Key& key, nfv_event& event) {
    make_room(running_);
    event.kind = NFV_XT_TARGET;
    running_[{hit.cpu, event.skb}] = {event, key};
}

bool KprobeWalks::xt_matched(const KprobeHit& hit, nfv_event& event) {
    // struct xt_entry_target, struct xt_standard_target of include/uapi/linux/netfilter/x_tables.h
    constexpr std::size_t header = 32;
    constexpr std::size_t name = 2;
    constexpr std::size_t name_left = 6;
    const nfv_xt_site& site = config_.xt[hit.site];
    const Entry entry = entry_of(hit);
    Entries::Key key{};
    running_.erase({hit.cpu, hit.number("skb")});
    const auto target =
        target_of(entry, value_at<std::uint16_t>(entry.bytes, site.target_offset_field),
                  header + sizeof(std::int32_t));
    if (target.empty() || !begin(hit, site.family, entry.address, key, event))
        return false;
    if (target[name] != 0) { // the standard target alone has none
        copy_text(event.target, target_name(target.subspan(name, name_left)));
        wait_for_target(hit, key, event);
        return false;
    }
    event.kind = NFV_XT_STANDARD;
    event.verdict = value_at<std::int32_t>(target, config_.xt_layout.standard_verdict);
    const bool final = event.verdict < 0 && event.verdict != XT_RETURN;
    const auto next = value_at<std::uint16_t>(entry.bytes, site.target_offset_field + 2);
    if (final) {
        entries_.end(key);
    } else if (event.verdict == XT_RETURN) {
        entries_.leave(key);
    } else if (static_cast<std::uint32_t>(event.verdict) != event.entry + next) {
        const bool by_goto =
            (value_at<std::uint8_t>(entry.bytes, site.flags_field) & site.goto_flag);
        entries_.enter(key, {event.entry | (by_goto ? NFV_LEFT_BY_GOTO : 0), by_goto}, 0);
    }
    return final || config_.all;
}

bool KprobeWalks::ebt_decides(const Entries::Key& key, nfv_event& event) {
    const bool final = is_final_ebt(event.verdict);
    if (event.verdict >= 0)
        entries_.enter(key, {event.entry, false}, 0);
    else if (event.verdict == EBT_RETURN)
        entries_.leave(key);
    else if (final)
        entries_.end(key);
    return final || config_.all;
}

bool KprobeWalks::ebt_matched(const KprobeHit& hit, nfv_event& event) {
    const Entry entry = entry_of(hit);
    Entries::Key key{};
    running_.erase({hit.cpu, hit.number("skb")});
    const auto target =
        target_of(entry, value_at<std::uint32_t>(entry.bytes, offsetof(ebt_entry, target_offset)),
                  sizeof(ebt_standard_target));
    if (target.empty() || !begin(hit, NFPROTO_BRIDGE, entry.address, key, event))
        return false;
    if (value_at<std::uint64_t>(target, 0) != standard_target_) {
        wait_for_target(hit, key, event);
        return false;
    }
    event.kind = NFV_XT_STANDARD;
    event.verdict = value_at<std::int32_t>(target, offsetof(ebt_standard_target, verdict));
    return ebt_decides(key, event);
}

bool KprobeWalks::ebt_policy(const KprobeHit& hit, nfv_event& event) {
    Entries::Key key{};
    if (!begin(hit, NFPROTO_BRIDGE, hit.number("entry_address"), key, event))
        return false;
    event.kind = NFV_XT_POLICY;
    event.verdict = static_cast<std::int32_t>(hit.number("policy"));
    return ebt_decides(key, event);
}

bool KprobeWalks::result(const KprobeHit& hit, nfv_event& event) {
    constexpr std::int32_t xt_continue = -1;
    const bool bridge = hit.kind == KprobeKind::ebt_result;
    const auto waiting = running_.extract({hit.cpu, hit.number("skb")});
    if (!waiting) {
        // The result of ebtables' standard target may pass here, too, and has been told.
        incomplete_ += bridge ? 0 : 1;
        return false;
    }
    auto [seen, key] = waiting.mapped();
    event = seen;
    event.verdict = static_cast<std::int32_t>(hit.number("result"));
    event.time = hit.time;
    // A NAT target has just decided what the answer will look like; of a stolen packet nothing may
    // be left to read.
    if (bridge || (static_cast<std::uint32_t>(event.verdict) & NF_VERDICT_MASK) != NF_STOLEN)
        read_conntrack(hit, event);
    if (bridge)
        return ebt_decides(key, event);
    if (event.verdict != xt_continue)
        entries_.end(key);
    return event.verdict != xt_continue || config_.all;
}

} // namespace nflab::nfverdict

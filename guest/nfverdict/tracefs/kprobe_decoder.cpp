// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/tracefs/kprobe_decoder.hpp"

#include "guest/nfverdict/kernel/kernel_api.hpp"
#include "guest/nfverdict/legacy/legacy_api.hpp"
#include "guest/nfverdict/tracefs/kprobe_definition.hpp"
#include "guest/probesite/bytes.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace nflab::nfverdict {
namespace {

template <std::size_t N>
void copy_text(char (&to)[N], const std::string& text) {
    std::memcpy(to, text.data(), std::min(text.size(), N - 1));
}

std::uint64_t number(const KprobeHit& hit, std::string_view field) {
    return hit.format->number(hit.bytes, field);
}

std::string text(const KprobeHit& hit, std::string_view field) {
    return hit.format->text(hit.bytes, field);
}

// Addresses of a frame, before the data or within it.
void read_mac(const KprobeHit& hit, std::int64_t from_data, nfv_event& event) {
    const auto before = hit.format->bytes(hit.bytes, "mac");
    const auto within = hit.format->bytes(hit.bytes, "bytes");
    const std::uint8_t* from = nullptr;
    if (from_data == -std::int64_t{kprobe_mac_size} && before.size() >= NFV_MAC)
        from = before.data();
    else if (from_data >= 0 && static_cast<std::size_t>(from_data) + NFV_MAC <= within.size())
        from = within.data() + from_data;
    if (!from)
        return;
    std::memcpy(event.mac, from, NFV_MAC);
    event.has_mac = 1;
}

void read_packet(const KprobeHit& hit, nfv_event& event) {
    constexpr unsigned byte = 8;
    event.skb = number(hit, "skb");
    event.length = static_cast<std::uint32_t>(number(hit, "length"));
    event.mark = static_cast<std::uint32_t>(number(hit, "mark"));
    const auto protocol = static_cast<std::uint16_t>(number(hit, "protocol"));
    event.protocol = static_cast<std::uint16_t>(protocol << byte | protocol >> byte);
    // The kernel read what begins at the data; the headers may begin there, or further on.
    const auto bytes = hit.format->bytes(hit.bytes, "bytes");
    const auto data = static_cast<std::int64_t>(number(hit, "data") - number(hit, "head"));
    const std::int64_t start = static_cast<std::int64_t>(number(hit, "network_header")) - data;
    const std::int64_t linear =
        std::int64_t{event.length} - static_cast<std::int64_t>(number(hit, "data_length"));
    const std::int64_t end =
        std::min<std::int64_t>(linear, static_cast<std::int64_t>(bytes.size()));
    if (start >= 0 && start < end) {
        event.header_length = static_cast<std::uint8_t>(end - start);
        std::memcpy(event.header, bytes.data() + start, event.header_length);
    }
    constexpr std::uint64_t unset = 0xffff;
    const bool frame = event.pf == NFPROTO_NETDEV || event.pf == NFPROTO_BRIDGE;
    const std::uint64_t mac_header = number(hit, "mac_header");
    if (frame && mac_header != unset)
        read_mac(hit, static_cast<std::int64_t>(mac_header) - data, event);
}

void read_conntrack(const KprobeHit& hit, nfv_event& event) {
    constexpr std::uint64_t info_mask = 7;
    event.nfct = number(hit, "nfct");
    const auto bytes = hit.format->bytes(hit.bytes, "conntrack");
    const std::size_t begin = kprobe_conntrack_lead - (event.nfct & info_mask);
    if ((event.nfct & ~info_mask) == 0 || begin + NFV_CONN > bytes.size())
        return;
    std::memcpy(event.conn, bytes.data() + begin, NFV_CONN);
}

void read_state(const KprobeHit& hit, nfv_event& event) {
    event.netns = static_cast<std::uint32_t>(number(hit, "netns"));
    if (hit.format->bytes(hit.bytes, "hook").empty())
        return;
    event.has_state = 1;
    event.hook = static_cast<std::uint8_t>(number(hit, "hook"));
    event.pf = static_cast<std::uint8_t>(number(hit, "pf"));
    copy_text(event.in, text(hit, "in"));
    copy_text(event.out, text(hit, "out"));
}

// The target's name as far as the kernel has left it there: a pointer lies over the rest of it.
// REJECT is as long as that, and no other target begins like it.
std::string target_name(std::span<const std::uint8_t> target) {
    constexpr std::size_t name = 2;
    constexpr std::size_t known = 6;
    constexpr std::string_view reject = "REJECT";
    if (name + known > target.size())
        return {};
    const char* begin = reinterpret_cast<const char*>(target.data() + name);
    const std::string text(begin, ::strnlen(begin, known));
    return text.size() < known || text == reject ? text : std::string();
}

} // namespace

std::optional<nfv_event> KprobeDecoder::next(const KprobeHit& hit) {
    switch (hit.kind) {
    case KprobeKind::nft_verdict:
        return nft_verdict(hit);
    case KprobeKind::nft_policy:
        return begin_nft(hit, NFV_NFT_POLICY);
    case KprobeKind::xt_matched:
        return xt_matched(hit);
    case KprobeKind::xt_result:
        return xt_result(hit);
    case KprobeKind::xt_hotdrop:
        entries_.end({number(hit, "skb") ^ hit.cpu, 0, 0});
        return begin_walk(hit, NFV_XT_HOTDROP);
    case KprobeKind::nft_commit:
    case KprobeKind::nft_committed:
    case KprobeKind::xt_replace:
    case KprobeKind::xt_replaced:
        break;
    }
    return change(hit);
}

void KprobeDecoder::begin_gap() {
    for (Generation& moment : moment_)
        ++moment.started;
}

void KprobeDecoder::end_gap() {
    for (Generation& moment : moment_)
        ++moment.finished;
}

nfv_event KprobeDecoder::begin(const KprobeHit& hit, nfv_kind kind, nfv_ruleset ruleset) const {
    nfv_event event{};
    event.time = hit.time;
    event.cpu = hit.cpu;
    event.kind = kind;
    event.method = NFV_KPROBE_EVENTS;
    event.ruleset = ruleset;
    event.moment = {moment_[ruleset].started, moment_[ruleset].finished};
    return event;
}

std::optional<nfv_event> KprobeDecoder::change(const KprobeHit& hit) {
    const bool nft = hit.kind == KprobeKind::nft_commit || hit.kind == KprobeKind::nft_committed;
    const nfv_ruleset ruleset = nft ? NFV_RULESET_NFT : NFV_RULESET_XT;
    const std::uint64_t process = number(hit, "common_pid");
    if (hit.kind == KprobeKind::nft_commit || hit.kind == KprobeKind::xt_replace) {
        ++moment_[ruleset].started;
        changing_[process] = static_cast<std::uint32_t>(number(hit, "netns"));
        return {};
    }
    ++moment_[ruleset].finished;
    nfv_event event = begin(hit, NFV_RULESET, ruleset);
    if (const auto begun = changing_.extract(process))
        event.netns = begun.mapped();
    return event;
}

KprobeDecoder::Chain KprobeDecoder::chain(const KprobeHit& hit, const std::string& prefix) const {
    return {number(hit, prefix), number(hit, prefix + "_handle"), text(hit, prefix + "_name")};
}

nfv_event KprobeDecoder::begin_nft(const KprobeHit& hit, nfv_kind kind) const {
    nfv_event event = begin(hit, kind, NFV_RULESET_NFT);
    read_state(hit, event);
    read_packet(hit, event);
    read_conntrack(hit, event);
    const Chain base = chain(hit, "base");
    event.base_handle = base.handle;
    event.table_family = static_cast<std::uint8_t>(number(hit, "family"));
    event.priority = static_cast<std::int32_t>(number(hit, "priority"));
    event.policy = static_cast<std::uint8_t>(number(hit, "policy"));
    copy_text(event.base_chain, base.name);
    copy_text(event.table, text(hit, "table"));
    return event;
}

/// The chain and the way to it, as long as nobody knows better.
void KprobeDecoder::tell_chain(const KprobeHit& hit, const Chains::Key& key,
                               nfv_event& event) const {
    const bool told = config_.nft[hit.site].chain.kind != NFV_NOWHERE ||
                      (event.end_marker && config_.nft_layout.last_chain != 0);
    const Chain* followed = chains_.current(key);
    const Chain current = told ? chain(hit, "chain") : followed ? *followed : chain(hit, "base");
    event.has_chain = told ? NFV_CHAIN_TOLD : NFV_CHAIN_FOLLOWED;
    event.chain_handle = current.handle;
    if (current.address == key.owner)
        return;
    copy_text(event.chain, current.name);
    if (!followed || followed->address != current.address)
        return;
    for (const auto& left : *chains_.find(key)) {
        event.path[event.path_length] = static_cast<std::uint32_t>(left.place.handle);
        if (++event.path_length == std::size(event.path))
            return;
    }
}

std::optional<nfv_event> KprobeDecoder::nft_verdict(const KprobeHit& hit) {
    nfv_event event = begin_nft(hit, NFV_NFT_VERDICT);
    const Chain base = chain(hit, "base");
    const Chains::Key key{number(hit, "pkt"), base.address, event.skb};
    event.verdict = static_cast<std::int32_t>(number(hit, "code"));
    if (number(hit, "rule") != 0) {
        const auto& layout = config_.nft_layout;
        const std::uint64_t head = number(hit, "rule_head");
        event.end_marker = layout.blob && (head & 1);
        if (!event.end_marker)
            event.rule = (head >> layout.handle_shift) & layout.handle_mask;
    }
    tell_chain(hit, key, event);
    if (const auto registers = hit.format->bytes(hit.bytes, "registers");
        registers.size() == NFV_REGISTERS && event.verdict != NFT_CONTINUE) {
        std::memcpy(event.registers, registers.data(), NFV_REGISTERS);
        event.has_registers = 1;
    }
    if (event.verdict == NFT_JUMP || event.verdict == NFT_GOTO) {
        const Chain target = chain(hit, "target");
        event.target_handle = target.handle;
        copy_text(event.target, target.name);
        const Chain* current = chains_.current(key);
        chains_.enter(key, {current ? *current : base, event.verdict == NFT_GOTO}, target);
    } else if (event.verdict < 0) {
        chains_.leave(key);
    } else {
        chains_.end(key);
    }
    return event.verdict >= 0 || config_.all ? std::optional(event) : std::nullopt;
}

nfv_event KprobeDecoder::begin_walk(const KprobeHit& hit, nfv_kind kind) const {
    nfv_event event = begin(hit, kind, NFV_RULESET_XT);
    read_state(hit, event);
    read_packet(hit, event);
    read_conntrack(hit, event);
    event.table_family = config_.xt[hit.site].family;
    copy_text(event.table, text(hit, "table"));
    return event;
}

std::optional<nfv_event> KprobeDecoder::xt_matched(const KprobeHit& hit) {
    // struct xt_entry_target, struct xt_standard_target of include/uapi/linux/netfilter/x_tables.h
    constexpr std::size_t target_header = 32;
    const nfv_xt_site& site = config_.xt[hit.site];
    nfv_event event = begin_walk(hit, NFV_XT_STANDARD);
    event.entry =
        static_cast<std::uint32_t>(number(hit, "entry_address") - number(hit, "private")) -
        config_.xt_layout.info_entries;
    const Entries::Key key{event.skb ^ hit.cpu, number(hit, "walked"), event.skb};
    const Running running{hit.cpu, event.skb};
    std::array<std::uint8_t, 2 * kprobe_entry_size> entry{};
    const auto first = hit.format->bytes(hit.bytes, "entry");
    const auto second = hit.format->bytes(hit.bytes, "entry_rest");
    std::copy(first.begin(), first.end(), entry.begin());
    std::copy(second.begin(), second.end(), entry.begin() + kprobe_entry_size);
    const auto target_offset =
        probesite::read_at<std::uint16_t>(entry, site.target_offset_field).value_or(0);
    const auto next_offset =
        probesite::read_at<std::uint16_t>(entry, site.target_offset_field + 2).value_or(0);
    if (target_offset + target_header + sizeof(std::int32_t) > entry.size()) {
        ++incomplete_;
        running_.erase(running);
        return {};
    }
    const auto target = std::span<const std::uint8_t>(entry).subspan(target_offset);
    if (const auto left = entries_.find(key))
        for (const auto& each : *left)
            if (event.path_length < std::size(event.path))
                event.path[event.path_length++] = each.place;
    const bool standard = target[2] == 0; // it alone has no name
    if (!standard) {
        event.kind = NFV_XT_TARGET;
        copy_text(event.target, target_name(target));
        running_[running] = event;
        return {};
    }
    event.verdict =
        probesite::read_at<std::int32_t>(target, config_.xt_layout.standard_verdict).value_or(0);
    const bool final = event.verdict < 0 && event.verdict != XT_RETURN;
    if (final) {
        entries_.end(key);
    } else if (event.verdict == XT_RETURN) {
        entries_.leave(key);
    } else if (static_cast<std::uint32_t>(event.verdict) != event.entry + next_offset) {
        const bool by_goto = (entry.at(site.flags_field) & site.goto_flag) != 0;
        entries_.enter(key, {event.entry | (by_goto ? NFV_LEFT_BY_GOTO : 0), by_goto}, 0);
    }
    return final || config_.all ? std::optional(event) : std::nullopt;
}

std::optional<nfv_event> KprobeDecoder::xt_result(const KprobeHit& hit) {
    constexpr std::int32_t xt_continue = -1;
    const std::uint64_t skb = number(hit, "skb");
    const auto waiting = running_.extract({hit.cpu, skb});
    if (!waiting) {
        ++incomplete_;
        return {};
    }
    nfv_event event = waiting.mapped();
    event.verdict = static_cast<std::int32_t>(number(hit, "result"));
    event.time = hit.time;
    // A NAT target has just decided what the answer will look like; of a stolen packet nothing may
    // be left to read.
    if ((static_cast<std::uint32_t>(event.verdict) & NF_VERDICT_MASK) != NF_STOLEN)
        read_conntrack(hit, event);
    if (event.verdict != xt_continue)
        entries_.end({skb ^ hit.cpu, 0, 0});
    return event.verdict != xt_continue || config_.all ? std::optional(event) : std::nullopt;
}

} // namespace nflab::nfverdict

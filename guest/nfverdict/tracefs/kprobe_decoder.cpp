// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/tracefs/kprobe_decoder.hpp"

#include "guest/nfverdict/kernel/kernel_api.hpp"
#include "guest/nfverdict/tracefs/kprobe_packet.hpp"

#include <cstring>

namespace nflab::nfverdict {

std::optional<nfv_event> KprobeDecoder::next(const KprobeHit& hit) {
    auto event = event_of(hit);
    if (event)
        drops_.told(*event);
    return event;
}

std::optional<nfv_event> KprobeDecoder::event_of(const KprobeHit& hit) {
    const auto if_told = [](bool told, const nfv_event& event) {
        return told ? std::optional(event) : std::nullopt;
    };
    switch (hit.kind) {
    case KprobeKind::nft_verdict:
        return nft_verdict(hit);
    case KprobeKind::nft_policy:
        return begin_nft(hit, NFV_NFT_POLICY);
    case KprobeKind::xt_entered:
    case KprobeKind::xt_matched:
    case KprobeKind::xt_result:
    case KprobeKind::xt_hotdrop:
    case KprobeKind::ebt_entered:
    case KprobeKind::ebt_matched:
    case KprobeKind::ebt_result:
    case KprobeKind::ebt_policy: {
        nfv_event event = begin(hit, NFV_XT_STANDARD, NFV_RULESET_XT);
        const bool told = walks_.next(hit, event);
        return if_told(told, event);
    }
    case KprobeKind::nft_commit:
    case KprobeKind::nft_committed:
    case KprobeKind::xt_replace:
    case KprobeKind::xt_replaced:
        return change(hit);
    case KprobeKind::hook:
        drops_.enters_hook(hit);
        return {};
    case KprobeKind::freeing:
        drops_.enters_free(hit);
        return {};
    case KprobeKind::freed:
    case KprobeKind::dropped:
        break;
    }
    nfv_event event = begin(hit, NFV_DROP, NFV_RULESET_NFT);
    const bool told = drops_.frees(hit, event);
    return if_told(told, event);
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
    const std::uint64_t process = hit.number("common_pid");
    if (hit.kind == KprobeKind::nft_commit || hit.kind == KprobeKind::xt_replace) {
        ++moment_[ruleset].started;
        changing_[process] = static_cast<std::uint32_t>(hit.number("netns"));
        return {};
    }
    ++moment_[ruleset].finished;
    nfv_event event = begin(hit, NFV_RULESET, ruleset);
    if (const auto begun = changing_.extract(process))
        event.netns = begun.mapped();
    return event;
}

KprobeDecoder::Chain KprobeDecoder::chain(const KprobeHit& hit, const std::string& prefix) const {
    return {hit.number(prefix), hit.number(prefix + "_handle"), hit.text(prefix + "_name")};
}

nfv_event KprobeDecoder::begin_nft(const KprobeHit& hit, nfv_kind kind) const {
    nfv_event event = begin(hit, kind, NFV_RULESET_NFT);
    read_state(hit, event);
    read_packet(hit, event);
    read_conntrack(hit, event);
    const Chain base = chain(hit, "base");
    event.base_handle = base.handle;
    event.table_family = static_cast<std::uint8_t>(hit.number("family"));
    event.priority = static_cast<std::int32_t>(hit.number("priority"));
    event.policy = static_cast<std::uint8_t>(hit.number("policy"));
    copy_text(event.base_chain, base.name);
    copy_text(event.table, hit.text("table"));
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
    const Chains::Key key{hit.number("pkt"), base.address, event.skb};
    event.verdict = static_cast<std::int32_t>(hit.number("code"));
    if (hit.number("rule") != 0) {
        const auto& layout = config_.nft_layout;
        const std::uint64_t head = hit.number("rule_head");
        event.end_marker = layout.blob && (head & 1);
        if (!event.end_marker)
            event.rule = (head >> layout.handle_shift) & layout.handle_mask;
    }
    tell_chain(hit, key, event);
    if (const auto registers = hit.bytes("registers");
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

} // namespace nflab::nfverdict

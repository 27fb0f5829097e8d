// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/tracefs/event_format.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace nflab::nfverdict {

/// What stands at a probe; see kprobe_definition.hpp.
enum class KprobeKind {
    nft_verdict,
    nft_policy,
    xt_entered,
    xt_matched,
    xt_result,
    xt_hotdrop,
    ebt_entered,
    ebt_matched,
    ebt_result,
    ebt_policy,
    nft_commit,
    nft_committed,
    xt_replace,
    xt_replaced,
    hook,    ///< a packet enters nf_hook_slow or nf_queue
    freeing, ///< a packet enters kfree_skb, and may be freed there
    freed,   ///< the tracepoint's own event: the packet that is in kfree_skb is freed as dropped
    dropped, ///< an event probe at the tracepoint: both in one
};

/// One hit of a probe, as tracefs gave it.
struct KprobeHit {
    KprobeKind kind = KprobeKind::nft_verdict;
    std::size_t site = 0; ///< index in nfv_config.nft, policy or xt
    std::uint64_t time = 0;
    std::uint32_t cpu = 0;
    const EventFormat* format = nullptr;
    std::span<const std::uint8_t> data;

    std::uint64_t number(std::string_view field) const { return format->number(data, field); }
    std::string text(std::string_view field) const { return format->text(data, field); }
    std::span<const std::uint8_t> bytes(std::string_view field) const {
        return format->bytes(data, field);
    }
    bool has(std::string_view field) const { return !bytes(field).empty(); }
};

} // namespace nflab::nfverdict

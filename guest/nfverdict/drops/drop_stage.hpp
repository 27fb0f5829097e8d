// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/verdict/record.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What part of the stack dropped a packet, and why, told by the kernel's drop reason, else by the
/// function that freed it, else by a counter that moved. Pure.
namespace nflab::nfverdict {

struct DropFacts {
    /// Whether the kernel has this drop reason, so that it would have said it.
    std::function<bool(std::string_view)> kernel_has;
    std::string_view reason;   ///< without SKB_DROP_REASON_; empty where the kernel does not say
    std::string_view function; ///< that freed the packet, as in the source
    const verdict::Packet& packet;
    std::span<const std::uint8_t> header; ///< from the network header on
    unsigned packet_type = 0;             ///< PACKET_*
    bool checked = false; ///< the transport's checksum is known to be right, or not yet made
    int route_error = 0;  ///< errno of the packet's route, of either sign, or 0
};

/// By how much a counter moved that nobody has accounted for; names as in counters.hpp.
using CounterMoved = std::function<std::uint64_t(const std::string&)>;

struct DropStage {
    std::string stage;  ///< "netfilter": a hook function, which is to be found out elsewhere
    std::string basis;  ///< reason, call site, or counter
    std::string detail; ///< in words; may be empty
    std::vector<std::string> counters; ///< that count this drop
    /// Goes on all the time on healthy machines (docs/nfverdict.md, "Noise"): only with --all.
    bool noise = false;
};

DropStage drop_stage(const DropFacts& facts, const CounterMoved& moved);

} // namespace nflab::nfverdict

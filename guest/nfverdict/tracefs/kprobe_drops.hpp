// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/bpf/event.h"
#include "guest/nfverdict/tracefs/kprobe_hit.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace nflab::nfverdict {

/// Packets that are freed as dropped, without those that a rule has dropped just now: what
/// guest/bpf/drop.h does, of hits in their order. The hook comes from the packet's entry into it
/// instead of from the stack. Pure.
class KprobeDrops {
  public:
    /// An event that is about to be told.
    void told(const nfv_event& event);

    /// KprobeKind::hook, and freeing: what is known of the packet before it is freed.
    void enters_hook(const KprobeHit& hit);
    void enters_free(const KprobeHit& hit);

    /// KprobeKind::freed and dropped, as event with nothing but time, CPU, kind and stamp. False:
    /// nothing to be told.
    bool frees(const KprobeHit& hit, nfv_event& event);

    /// Packets of which nothing is known but that they are gone.
    std::uint64_t unknown() const { return unknown_; }

  private:
    using OnCpu = std::pair<std::uint32_t, std::uint64_t>; // cpu, skb
    struct Hook {
        std::uint64_t function = 0;
        std::uint64_t time = 0;
        nfv_event state{}; ///< hook, family, devices, namespace and the first of the headers
    };

    bool is_explained(std::uint64_t skb, std::uint64_t time);
    static void find_owner(const KprobeHit& hit, nfv_event& event);
    void find_hook(OnCpu packet, nfv_event& event) const;

    std::map<std::uint64_t, std::uint64_t> explained_; ///< when a rule dropped an sk_buff
    std::map<OnCpu, Hook> hooks_;
    std::map<OnCpu, nfv_event> freeing_;
    std::uint64_t unknown_ = 0;
};

} // namespace nflab::nfverdict

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/bpf/config.h"
#include "guest/bpf/event.h"
#include "guest/nfverdict/tracefs/jump_path.hpp"
#include "guest/nfverdict/tracefs/kprobe_hit.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace nflab::nfverdict {

/// Ways of packets through the tables of legacy xtables, as guest/bpf/xt.h and ebt.h follow them,
/// of hits in their order. Pure.
class KprobeWalks {
  public:
    explicit KprobeWalks(const nfv_config& config) : config_(config) {}

    /// Where the kernel has ebtables' standard target; without it, nothing of ebtables is told.
    void know_standard_target(std::uint64_t address) { standard_target_ = address; }

    /// A hit of any xt_* or ebt_* probe within a table. `event` is stamped, and completed when
    /// there is something to be told.
    bool next(const KprobeHit& hit, nfv_event& event);

    /// Hits whose event could not be made.
    std::uint64_t incomplete() const { return incomplete_; }

  private:
    using Entries = JumpPaths<std::uint32_t>;
    using OnCpu = std::pair<std::uint32_t, std::uint64_t>; // cpu, skb
    struct Table {
        std::uint64_t address = 0;
        std::uint64_t first_entry = 0;
        std::string name;
    };
    /// An entry with as much of it as the kernel has read.
    struct Entry {
        std::uint64_t address = 0;
        std::vector<std::uint8_t> bytes;
    };

    static Entry entry_of(const KprobeHit& hit);
    Table table_in(const KprobeHit& hit) const;
    void enter(const KprobeHit& hit);
    /// Nothing when the packet's entry into the function was missed.
    std::optional<Table> table_of(const KprobeHit& hit) const;
    bool begin(const KprobeHit& hit, std::uint8_t family, std::uint64_t entry, Entries::Key& key,
               nfv_event& event);
    /// The rest of the entry from the target on; empty when it has not been read.
    std::span<const std::uint8_t> target_of(const Entry& entry, std::size_t offset,
                                            std::size_t needed);
    void wait_for_target(const KprobeHit& hit, const Entries::Key& key, nfv_event& event);
    bool xt_matched(const KprobeHit& hit, nfv_event& event);
    bool ebt_matched(const KprobeHit& hit, nfv_event& event);
    bool ebt_policy(const KprobeHit& hit, nfv_event& event);
    bool ebt_decides(const Entries::Key& key, nfv_event& event);
    bool result(const KprobeHit& hit, nfv_event& event);

    nfv_config config_;
    std::uint64_t standard_target_ = 0;
    std::map<OnCpu, Table> entered_; ///< tables that the functions do not keep
    Entries entries_;
    std::map<OnCpu, std::pair<nfv_event, Entries::Key>> running_; ///< wait for a target's verdict
    std::uint64_t incomplete_ = 0;
};

} // namespace nflab::nfverdict

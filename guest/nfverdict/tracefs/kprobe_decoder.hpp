// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/bpf/config.h"
#include "guest/bpf/event.h"
#include "guest/nfverdict/rulesets/generation.hpp"
#include "guest/nfverdict/tracefs/event_format.hpp"
#include "guest/nfverdict/tracefs/jump_path.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace nflab::nfverdict {

/// What stands at a probe; see kprobe_definition.hpp.
enum class KprobeKind {
    nft_verdict,
    nft_policy,
    xt_matched,
    xt_result,
    xt_hotdrop,
    nft_commit,
    nft_committed,
    xt_replace,
    xt_replaced,
};

/// One hit of a probe, as tracefs gave it.
struct KprobeHit {
    KprobeKind kind = KprobeKind::nft_verdict;
    std::size_t site = 0; ///< index in nfv_config.nft, policy or xt
    std::uint64_t time = 0;
    std::uint32_t cpu = 0;
    const EventFormat* format = nullptr;
    std::span<const std::uint8_t> bytes;
};

/// Makes of probes' hits, in their order, the events that the BPF programs would have made: what
/// those keep in maps between two probes is kept here. Pure.
class KprobeDecoder {
  public:
    explicit KprobeDecoder(const nfv_config& config) : config_(config) {}

    /// The event that is complete with this hit, if any.
    std::optional<nfv_event> next(const KprobeHit& hit);

    /// Between the two, hits are missing, and a transaction may be among them.
    void begin_gap();
    void end_gap();

    /// After the last hit.
    Generation moment(nfv_ruleset ruleset) const { return moment_[ruleset]; }

    /// Hits whose event could not be made.
    std::uint64_t incomplete() const { return incomplete_; }

  private:
    struct Chain {
        std::uint64_t address = 0;
        std::uint64_t handle = 0;
        std::string name;
    };
    using Chains = JumpPaths<Chain>;
    using Entries = JumpPaths<std::uint32_t>;
    using Running = std::pair<std::uint32_t, std::uint64_t>; // cpu, skb

    nfv_event begin(const KprobeHit& hit, nfv_kind kind, nfv_ruleset ruleset) const;
    Chain chain(const KprobeHit& hit, const std::string& prefix) const;
    nfv_event begin_nft(const KprobeHit& hit, nfv_kind kind) const;
    std::optional<nfv_event> nft_verdict(const KprobeHit& hit);
    void tell_chain(const KprobeHit& hit, const Chains::Key& key, nfv_event& event) const;
    nfv_event begin_walk(const KprobeHit& hit, nfv_kind kind) const;
    std::optional<nfv_event> xt_matched(const KprobeHit& hit);
    std::optional<nfv_event> xt_result(const KprobeHit& hit);
    std::optional<nfv_event> change(const KprobeHit& hit);

    nfv_config config_;
    std::array<Generation, NFV_RULESETS> moment_{};
    std::map<std::uint64_t, std::uint32_t> changing_; ///< namespaces by process
    Chains chains_;
    Entries entries_;
    std::map<Running, nfv_event> running_; ///< that wait for their target's verdict
    std::uint64_t incomplete_ = 0;
};

} // namespace nflab::nfverdict

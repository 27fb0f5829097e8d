// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/bpf/config.h"
#include "guest/bpf/event.h"
#include "guest/nfverdict/rulesets/generation.hpp"
#include "guest/nfverdict/tracefs/jump_path.hpp"
#include "guest/nfverdict/tracefs/kprobe_drops.hpp"
#include "guest/nfverdict/tracefs/kprobe_hit.hpp"
#include "guest/nfverdict/tracefs/kprobe_walks.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace nflab::nfverdict {

/// Makes of probes' hits, in their order, the events that the BPF programs would have made: what
/// those keep in maps between two probes is kept here. Pure.
class KprobeDecoder {
  public:
    explicit KprobeDecoder(const nfv_config& config) : config_(config), walks_(config) {}

    /// Where the kernel has ebtables' standard target, before the first hit of its probes.
    void know_ebt_standard_target(std::uint64_t address) { walks_.know_standard_target(address); }

    /// The event that is complete with this hit, if any.
    std::optional<nfv_event> next(const KprobeHit& hit);

    /// Between the two, hits are missing, and a transaction may be among them.
    void begin_gap();
    void end_gap();

    /// After the last hit.
    Generation moment(nfv_ruleset ruleset) const { return moment_[ruleset]; }

    /// Hits whose event could not be made.
    std::uint64_t incomplete() const { return walks_.incomplete() + drops_.unknown(); }

  private:
    struct Chain {
        std::uint64_t address = 0;
        std::uint64_t handle = 0;
        std::string name;
    };
    using Chains = JumpPaths<Chain>;

    std::optional<nfv_event> event_of(const KprobeHit& hit);
    nfv_event begin(const KprobeHit& hit, nfv_kind kind, nfv_ruleset ruleset) const;
    Chain chain(const KprobeHit& hit, const std::string& prefix) const;
    nfv_event begin_nft(const KprobeHit& hit, nfv_kind kind) const;
    std::optional<nfv_event> nft_verdict(const KprobeHit& hit);
    void tell_chain(const KprobeHit& hit, const Chains::Key& key, nfv_event& event) const;
    std::optional<nfv_event> change(const KprobeHit& hit);

    nfv_config config_;
    std::array<Generation, NFV_RULESETS> moment_{};
    std::map<std::uint64_t, std::uint32_t> changing_; ///< namespaces by process
    Chains chains_;
    KprobeWalks walks_;
    KprobeDrops drops_;
};

} // namespace nflab::nfverdict

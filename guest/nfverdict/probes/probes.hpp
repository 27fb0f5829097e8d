// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/bpf/event.h"
#include "guest/nfverdict/legacy/legacy.hpp"
#include "guest/nfverdict/probes/walk.hpp"
#include "guest/nfverdict/rulesets/generation.hpp"
#include "guest/probesite/site.hpp"

#include <cstdint>
#include <functional>

namespace nflab::nfverdict {

/// Probes in the running kernel, whoever runs them, and the events that they make.
class Probes {
  public:
    Probes() = default;
    virtual ~Probes() = default;
    Probes(const Probes&) = delete;
    Probes& operator=(const Probes&) = delete;

    /// What the events at probe sites are marked with.
    virtual nfv_method method() const = 0;

    /// Each throws Error(lab) naming the place that the kernel did not take, or saying that these
    /// probes cannot do it; nothing of what it was about stays attached then.
    virtual void attach_nft(const probesite::NftSites& sites) = 0;
    virtual void attach_decoy(const probesite::NftSites& sites) = 0;
    /// Rules that matched and went on; only while there is a TraceKey.
    virtual void attach_passed(const probesite::NftSites& sites) = 0;
    virtual void attach_xt(const probesite::IptSites& sites, Legacy legacy) = 0;
    virtual void attach_xt(const probesite::EbtSites& sites, Legacy legacy) = 0;
    virtual void attach_nft_changes() = 0;
    virtual void attach_xt_changes() = 0;
    virtual void attach_ebt_changes() = 0;
    /// Packets that are freed as dropped.
    virtual void attach_drops() = 0;
    /// Every hook that a packet passes; for `--all`.
    virtual void attach_hooks() = 0;
    /// Packets that flowtables forward; once the module nf_flow_table is there.
    virtual void attach_flowtables() = 0;
    virtual bool has_flowtables() const = 0;
    /// What whole base chains or tables return, where rules cannot be seen: NFV_TABLE.
    virtual void attach_walk(Walk walk) = 0;
    virtual void detach_walk(Walk walk) = 0;
    virtual void detach_nft() = 0;
    virtual void detach_decoy() = 0;
    virtual void detach_xt(Legacy legacy) = 0;

    /// Becomes readable when there are events, at the latest when there are many.
    virtual int events_fd() const = 0;
    /// Calls the sink for every event of what has happened so far, oldest first.
    virtual void drain(const std::function<void(const nfv_event&)>& sink) = 0;

    /// Transactions up to now.
    virtual Generations generations(nfv_ruleset ruleset) = 0;
    /// Events that were not recorded: no room in the buffer, or a probe interrupted by another.
    virtual std::uint64_t lost() = 0;
};

} // namespace nflab::nfverdict

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/bpf/config.h"
#include "guest/nfverdict/engines/engine.hpp"
#include "guest/nfverdict/kernel/function_addresses.hpp"
#include "guest/nfverdict/kernel/kernel_types.hpp"
#include "guest/nfverdict/kernel/netns.hpp"
#include "guest/nfverdict/legacy/legacy.hpp"
#include "guest/nfverdict/options.hpp"
#include "guest/nfverdict/probes/probes.hpp"

#include <variant>

namespace nflab::nfverdict {

/// One of the four legacy xtables engines, by probe sites, or by fexit where they are refused.
/// To be used in this order: resolve, attach, prove.
class LegacyEngine {
  public:
    /// `options` must outlive this.
    LegacyEngine(Legacy which, const Options& options, Notice notice);

    /// Finds sites and layouts; a refusal is kept, and told by attach(). `load`: modprobe it first.
    void resolve(nfv_config& config, KernelTypes& types, FunctionAddresses& addresses, bool load);
    void attach(Probes& probes);
    /// An engine can only be proven once a table is loaded. True when its events may be reported;
    /// false after a failed test, which is told once.
    bool prove(Probes& probes, const Netns& netns, Intake& intake);

    const Engine& state() const { return state_; }
    /// Few machines have any use for arptables and ebtables: nothing is said of them where they are
    /// not loaded.
    bool rare() const { return which_ == Legacy::arptables || which_ == Legacy::ebtables; }

  private:
    void find_sites(nfv_config& config, KernelTypes& types, FunctionAddresses& addresses);

    bool attach_sites(Probes& probes);
    void attach_walk(Probes& probes);
    void attach_changes(Probes& probes);

    Legacy which_;
    const Options& options_;
    Notice notice_;
    Engine state_;
    nfv_method by_ = NFV_SITE;  ///< what it is observed by
    bool sees_changes_ = false; ///< of ebtables' own
    std::variant<std::monostate, probesite::IptSites, probesite::EbtSites> sites_;
};

} // namespace nflab::nfverdict

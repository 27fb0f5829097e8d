// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/bpf/config.h"
#include "guest/nfverdict/engines/engine.hpp"
#include "guest/nfverdict/kernel/function_addresses.hpp"
#include "guest/nfverdict/kernel/kernel_types.hpp"
#include "guest/nfverdict/kernel/netns.hpp"
#include "guest/nfverdict/nft/trace_key.hpp"
#include "guest/nfverdict/options.hpp"
#include "guest/nfverdict/probes/probes.hpp"

#include <memory>
#include <optional>

namespace nflab::nfverdict {

/// nftables: by probe sites, by the decoy key where they are refused or both are wanted, or by
/// fexit.
/// To be used in this order: resolve, attach, prove.
class NftEngine {
  public:
    /// `netns`, for tests, must outlive this.
    NftEngine(const Options& options, Notice notice, const Netns& netns);

    /// Finds sites and layouts; a refusal is kept, and told by prove().
    void resolve(nfv_config& config, KernelTypes& types, FunctionAddresses& addresses);
    void attach(Probes& probes);
    /// Tests what is attached, and falls back to the decoy key, and then to fexit, with a notice.
    /// Throws Error(lab) when methods are to be compared and one of them cannot be had.
    void prove(Probes& probes, Intake& intake);

    const Engine& state() const { return state_; }

  private:
    void prove_rules(Probes& probes, Intake& intake);
    bool try_sites(Probes& probes, Intake& intake);
    void try_decoy(Probes& probes, Intake& intake);
    void try_walk(Probes& probes, Intake& intake);
    void observe_passed(Probes& probes, Intake& intake);

    const Options& options_;
    Notice notice_;
    const Netns& netns_;
    Engine state_;
    std::optional<probesite::NftSites> sites_;
    bool resolved_ = false; ///< by disassembly, not just for the decoy
    std::unique_ptr<NftTest> test_;
    std::unique_ptr<TraceKey> key_;
};

} // namespace nflab::nfverdict

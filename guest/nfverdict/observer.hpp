// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/drops/drops.hpp"
#include "guest/nfverdict/engines/legacy_engine.hpp"
#include "guest/nfverdict/engines/nft_engine.hpp"
#include "guest/nfverdict/kernel/kernel_types.hpp"
#include "guest/nfverdict/kernel/netns.hpp"
#include "guest/nfverdict/options.hpp"
#include "guest/nfverdict/packet/conntrack.hpp"
#include "guest/nfverdict/probes/intake.hpp"
#include "guest/nfverdict/probes/probes.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace nflab::nfverdict {

/// Finds the probe sites of all engines that are loaded, attaches, and proves them.
class Observer {
  public:
    /// Throws Error(lab) when nothing at all can be observed.
    Observer(const Options& options, Notice notice);
    Observer(const Observer&) = delete;
    Observer& operator=(const Observer&) = delete;

    Probes& probes() { return *probes_; }
    Intake& intake() { return *intake_; }
    const std::optional<ConntrackLayout>& conntrack() const { return conntrack_; }

    Drops& drops() { return *drops_; }
    /// Flowtables can be watched once their module is there, which may be after a change of rules.
    void watch_flowtables();

    /// Says, once, which engines' modules came after the start: their sites are not probed. Looks
    /// at most once a second.
    void tell_latecomers();

    bool observes_nft() const { return nft_.state().method != nullptr; }
    bool observes_xt() const;
    /// Some engine is observed from outside only: NFV_TABLE.
    bool sees_walks() const;

    /// Legacy xtables can only be proven once a table is loaded. True when the engine's events may
    /// be reported; false after a failed test, which is told once.
    bool prove_xt(Legacy engine);
    /// Some engine is attached and still waits for a table to be proven with.
    bool waits_for_tables() const;
    /// Does so for all, where it has not been possible before.
    void retry_xt_tests();

    /// Every engine that is there is observed and none has failed its test.
    bool sound() const;

    /// The "ready" line: kernel, and for each engine method, sites, checks and test.
    nlohmann::json describe() const;

  private:
    void resolve(nfv_config& config);
    void make_probes(const nfv_config& config);
    void find_xt_changes();
    void attach();
    void set_up_drops();
    std::vector<const Engine*> engines() const;

    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
    Options options_;
    Notice notice_;
    KernelTypes types_;
    FunctionAddresses addresses_; ///< until the probes have them
    Netns private_;
    std::unique_ptr<Probes> probes_;
    std::unique_ptr<Intake> intake_;
    std::unique_ptr<Drops> drops_;
    std::optional<ConntrackLayout> conntrack_;
    NftEngine nft_;
    std::array<LegacyEngine, all_legacy.size()> legacy_; ///< by Legacy
    std::set<std::string> latecomers_;                   ///< modules that were told of
    std::chrono::steady_clock::time_point next_look_;
    long attach_ms_ = 0;
};

} // namespace nflab::nfverdict

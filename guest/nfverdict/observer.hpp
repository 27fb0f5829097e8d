// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/conntrack.hpp"
#include "guest/nfverdict/drops.hpp"
#include "guest/nfverdict/intake.hpp"
#include "guest/nfverdict/kernel_types.hpp"
#include "guest/nfverdict/legacy.hpp"
#include "guest/nfverdict/netns.hpp"
#include "guest/nfverdict/options.hpp"
#include "guest/nfverdict/probes.hpp"
#include "guest/nfverdict/self_test.hpp"
#include "guest/nfverdict/trace_key.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace nflab::nfverdict {

/// Finds the probe sites of all engines that are loaded, attaches, and proves them.
class Observer {
  public:
    using Notice = std::function<void(const std::string&)>;

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

    bool observes_nft() const { return nft_.method != nullptr; }
    bool observes_xt() const {
        return ebt_.method || std::any_of(xt_.begin(), xt_.end(),
                                          [](const XtEngine& engine) { return engine.method; });
    }
    /// Whether the records of nftables are the probe sites' (else the decoy key's).
    bool nft_by_site() const { return nft_by_site_; }

    /// Legacy xtables can only be proven once a table is loaded. True when the engine's events may
    /// be reported; false after a failed test, which is told once.
    bool prove_xt(Legacy legacy);
    /// Some engine is attached and still waits for a table to be proven with.
    bool waits_for_tables() const;
    /// Does so for all, where it has not been possible before.
    void retry_xt_tests();

    /// Every engine that is there is observed and none has failed its test.
    bool sound() const;

    /// The "ready" line: kernel, and for each engine method, sites, checks and test.
    nlohmann::json describe() const;

  private:
    template <typename Sites>
    struct Engine {
        const char* name = nullptr;
        bool loaded = false;
        std::optional<Sites> sites;
        const char* method = nullptr; ///< nullptr: not observed
        std::string refusal;
        std::vector<std::string> checks;
        TestResult test;
    };
    using NftEngine = Engine<probesite::NftSites>;
    using XtEngine = Engine<probesite::IptSites>;
    using EbtEngine = Engine<probesite::EbtSites>;

    void resolve_nft(nfv_config& config);
    void resolve_xt(nfv_config& config, Legacy legacy);
    void resolve_ebt(nfv_config& config);
    void find_xt_changes();
    void attach();
    void set_up_nft();
    bool try_nft_sites();
    void try_nft_decoy();
    void observe_passed();
    void set_up_drops();
    /// What all four legacy engines share: attaching, and proving.
    template <typename XtLike>
    void attach_xt(XtLike& engine, Legacy legacy);
    template <typename XtLike>
    bool prove(XtLike& engine, Legacy legacy);

    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
    Options options_;
    Notice notice_;
    KernelTypes types_;
    FunctionAddresses addresses_; ///< until the probes have them
    Netns private_;
    std::unique_ptr<Probes> probes_;
    std::unique_ptr<Intake> intake_;
    std::unique_ptr<Drops> drops_;
    std::unique_ptr<NftTest> nft_test_;
    std::unique_ptr<TraceKey> key_;
    std::optional<ConntrackLayout> conntrack_;
    NftEngine nft_;
    std::array<XtEngine, 3> xt_; ///< by Legacy: iptables, ip6tables, arptables
    EbtEngine ebt_;
    bool nft_by_site_ = false;
    bool sites_resolved_ = false; ///< of nftables: by disassembly, not just for the decoy
    long attach_ms_ = 0;
};

} // namespace nflab::nfverdict

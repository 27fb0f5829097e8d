// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/bpf/config.h"
#include "guest/nfverdict/kernel/kernel_types.hpp"
#include "guest/nfverdict/probes/probes.hpp"
#include "guest/nfverdict/tracefs/kprobe_decoder.hpp"
#include "guest/nfverdict/tracefs/kprobe_definition.hpp"
#include "guest/nfverdict/tracefs/tracefs.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nflab::nfverdict {

/// As tracefs' kprobe events (Documentation/trace/kprobetrace.rst), without BPF. They stand at the
/// same sites; what needs more than to copy memory there, they cannot do.
class TracefsProbes : public Probes {
  public:
    using Notice = std::function<void(const std::string&)>;

    /// Removes what nfverdicts that were killed have left behind.
    /// Throws Error(lab) when tracefs cannot be used, or where types are missing.
    TracefsProbes(const nfv_config& config, KernelTypes& types, Notice notice);
    ~TracefsProbes() override;

    nfv_method method() const override { return NFV_KPROBE_EVENTS; }
    void attach_nft(const probesite::NftSites& sites) override;
    void attach_decoy(const probesite::NftSites& sites) override;
    void attach_passed(const probesite::NftSites& sites) override;
    void attach_xt(const probesite::IptSites& sites, Legacy legacy) override;
    void attach_xt(const probesite::EbtSites& sites, Legacy legacy) override;
    void attach_nft_changes() override;
    void attach_xt_changes() override;
    void attach_ebt_changes() override;
    void attach_drops() override;
    void attach_hooks() override;
    void attach_flowtables() override;
    bool has_flowtables() const override { return false; }
    void attach_walk(Walk walk) override;
    void detach_walk(Walk) override {}
    void detach_nft() override;
    void detach_decoy() override {}
    void detach_xt(Legacy legacy) override;
    int events_fd() const override { return instance_->fd(); }
    void drain(const std::function<void(const nfv_event&)>& sink) override;
    Generations generations(nfv_ruleset ruleset) override;
    std::uint64_t lost() override;

  private:
    struct Probe {
        std::string event; ///< its name in the group
        KprobeKind kind = KprobeKind::nft_verdict;
        std::size_t site = 0;
        EventFormat format;
        bool ours = true; ///< else the kernel's own event
    };
    struct Hit {
        std::uint32_t cpu = 0;
        std::vector<std::uint8_t> bytes;
    };

    void add(const char* name, KprobeKind kind, std::size_t site, const char* module,
             const probesite::ProbePoint& at, const std::string& arguments,
             const char* filter = nullptr);
    /// An event with this definition, which begins with "p:", "r:" or "e:".
    void define(const char* name, char type, KprobeKind kind, std::size_t site,
                const std::string& what, const char* filter);
    void enable(const std::string& directory, const char* filter, Probe probe);
    void attach_freed();
    void remove(const std::string& event);
    const Probe* probe_of(const Hit& hit) const;
    template <typename Which>
    void remove_if(const Which& which);
    void fetch();
    std::uint64_t missed();

    Notice notice_;
    nfv_config config_;
    PacketLayout packet_;
    Tracefs tracefs_;
    std::string group_;
    std::unique_ptr<TraceInstance> instance_;
    std::map<std::uint16_t, Probe> probes_;  ///< by the events' ids
    std::multimap<std::uint64_t, Hit> hits_; ///< that have not been decoded, by their time
    KprobeDecoder decoder_;
    std::uint64_t no_room_ = 0; ///< events lost so far
    bool faults_count_ = false; ///< as missed hits (before 5.14)
};

} // namespace nflab::nfverdict

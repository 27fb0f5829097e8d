// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/bpf/config.h"
#include "guest/bpf/event.h"
#include "guest/nfverdict/kernel/function_addresses.hpp"
#include "guest/nfverdict/kernel/kernel_types.hpp"
#include "guest/nfverdict/probes/event_buffer.hpp"
#include "guest/nfverdict/probes/fexit_probe.hpp"
#include "guest/nfverdict/probes/probes.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

struct bpf_link;
struct bpf_program;
struct nfverdict_bpf;

namespace nflab::nfverdict {

/// As BPF programs, whose events come through a ring buffer.
class BpfProbes : public Probes {
  public:
    /// Loads the programs. `types` must outlive this. Throws Error(lab) with what the kernel said.
    BpfProbes(const nfv_config& config, KernelTypes& types, FunctionAddresses addresses);
    ~BpfProbes() override;

    nfv_method method() const override { return NFV_SITE; }
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
    bool has_flowtables() const override { return !flowtables_.empty(); }
    void attach_walk(Walk walk) override;
    void detach_walk(Walk walk) override { walks_.erase(walk); }
    void detach_nft() override;
    void detach_decoy() override;
    void detach_xt(Legacy legacy) override;
    int events_fd() const override;
    void drain(const std::function<void(const nfv_event&)>& sink) override;
    Generations generations(nfv_ruleset ruleset) override;
    std::uint64_t lost() override;

  private:
    struct FreeLink {
        void operator()(bpf_link* link) const;
    };
    using Link = std::unique_ptr<bpf_link, FreeLink>;
    struct Kprobe {
        Link link;
        int event = -1;           ///< descriptor, the link's; -1: libbpf alone knows it
        std::uint64_t missed = 0; ///< hits, when it was asked last
    };
    using Kprobes = std::vector<Kprobe>;

    Kprobe attach(bpf_program* program, const probesite::ProbePoint& at, bool on_return) const;
    /// Without a link where that cannot be done.
    Kprobe attach_at_address(bpf_program* program, const probesite::ProbePoint& at,
                             bool on_return) const;

    struct FreeObject {
        void operator()(nfverdict_bpf* object) const;
    };
    using Object = std::unique_ptr<nfverdict_bpf, FreeObject>;
    using Preparation = std::function<void(const nfverdict_bpf&)>;

    /// The kernel's answer: 0, or a negative error. `prepare` chooses what is loaded.
    int load(Object& object, const Preparation& prepare) const;
    void load_decoy();
    using Moments = std::array<Generations, NFV_RULESETS>;
    Moments moments();
    void drain_with_walks(const std::function<void(const nfv_event&)>& sink);

    std::uint64_t missed_hits();

    nfv_config config_;
    KernelTypes& types_;
    FunctionAddresses addresses_;
    Object object_;
    Object decoy_object_; ///< once it is needed; its maps are the other one's
    std::optional<EventBuffer> buffer_;
    Kprobes nft_;
    Kprobes decoy_;
    Kprobes passed_;
    std::array<Kprobes, all_legacy.size()> xt_;
    Kprobes changes_;
    Link drops_;
    Kprobes hooks_;
    Kprobes flowtables_;
    std::map<Walk, FexitProbe> walks_;
    std::uint64_t missed_ = 0;
    Moments drained_{}; ///< what the walks' events are later than
};

} // namespace nflab::nfverdict

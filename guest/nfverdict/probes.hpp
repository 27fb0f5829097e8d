// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/bpf/config.h"
#include "guest/bpf/event.h"
#include "guest/nfverdict/function_addresses.hpp"
#include "guest/nfverdict/generation.hpp"
#include "guest/nfverdict/legacy.hpp"
#include "guest/nfverdict/type_info.hpp"
#include "guest/probesite/site.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

struct bpf_link;
struct bpf_program;
struct nfverdict_bpf;
struct ring_buffer;

/// The BPF programs in the kernel.
namespace nflab::nfverdict {

class Probes {
  public:
    /// Loads the programs, with `types` as the kernel's. Throws Error(lab) with what the kernel
    /// said.
    Probes(const nfv_config& config, const TypeInfo& types, FunctionAddresses addresses);
    ~Probes();
    Probes(const Probes&) = delete;
    Probes& operator=(const Probes&) = delete;

    /// Each throws Error(lab) naming the place that the kernel did not take; nothing of what it was
    /// about stays attached then.
    void attach_nft(const probesite::NftSites& sites);
    void attach_decoy(const probesite::NftSites& sites);
    /// Rules that matched and went on; only while there is a TraceKey.
    void attach_passed(const probesite::NftSites& sites);
    void attach_xt(const probesite::IptSites& sites, Legacy legacy);
    void attach_xt(const probesite::EbtSites& sites, Legacy legacy);
    void attach_nft_changes();
    void attach_xt_changes();
    /// `reasons`: the kernel's tracepoint says why a packet is dropped.
    void attach_drops(bool reasons);
    /// Every hook that a packet passes; for `--all`.
    void attach_hooks();
    /// Packets that flowtables forward; once the module nf_flow_table is there.
    void attach_flowtables();
    bool has_flowtables() const { return !flowtables_.empty(); }
    void attach_ebt_changes();
    void detach_nft();
    void detach_decoy();
    void detach_xt(Legacy legacy);

    /// Becomes readable when there are events.
    int events_fd() const;
    /// Calls the sink for every event that is in the buffer now, oldest first.
    void drain(const std::function<void(const nfv_event&)>& sink);

    Generation generation(nfv_ruleset ruleset) const;
    /// Events that were not recorded: no room in the buffer, or a program interrupted by another.
    std::uint64_t lost() const;

  private:
    struct FreeLink {
        void operator()(bpf_link* link) const;
    };
    using Link = std::unique_ptr<bpf_link, FreeLink>;
    using Links = std::vector<Link>;

    Link attach(bpf_program* program, const probesite::ProbePoint& at, bool on_return) const;
    Link attach_at_address(bpf_program* program, const probesite::ProbePoint& at,
                           bool on_return) const;

    struct FreeObject {
        void operator()(nfverdict_bpf* object) const;
    };
    struct FreeBuffer {
        void operator()(ring_buffer* buffer) const;
    };
    FunctionAddresses addresses_;
    std::unique_ptr<nfverdict_bpf, FreeObject> object_;
    std::unique_ptr<ring_buffer, FreeBuffer> buffer_;
    Links nft_;
    Links decoy_;
    Link passed_;
    std::array<Links, all_legacy.size()> xt_;
    Links changes_;
    Link drops_;
    Links hooks_;
    Links flowtables_;
    const std::function<void(const nfv_event&)>* sink_ = nullptr;
};

} // namespace nflab::nfverdict

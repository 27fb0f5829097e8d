// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/tracefs/tracefs_probes.hpp"

#include "guest/nfverdict/kernel/module_file.hpp"
#include "guest/nfverdict/kernel/monotonic.hpp"
#include "guest/nfverdict/tracefs/packet_layout.hpp"
#include "guest/nfverdict/tracefs/stale_kprobes.hpp"
#include "guest/probesite/bytes.hpp"
#include "harness/base/error.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <utility>

namespace nflab::nfverdict {
namespace {

[[noreturn]] void refuse(const char* what) {
    throw Error(Failure::lab, fmt::format("kprobe events of tracefs do not tell {}", what));
}

} // namespace

TracefsProbes::TracefsProbes(const nfv_config& config, KernelTypes& types, Notice notice)
    : notice_(std::move(notice)), config_(config), packet_(packet_layout(types)),
      group_(kprobe_group(::getpid())), decoder_(config) {
    remove_stale_kprobes(tracefs_);
    instance_ = std::make_unique<TraceInstance>(tracefs_, group_);
}

TracefsProbes::~TracefsProbes() {
    instance_.reset(); // events that somebody has enabled cannot be removed
    for (const auto& [id, probe] : probes_)
        remove(probe.event);
}

void TracefsProbes::add(const char* name, KprobeKind kind, std::size_t site, const char* module,
                        const probesite::ProbePoint& at, const std::string& arguments,
                        const char* filter) {
    // Counters of missed hits are told by the event's name alone.
    const std::string event = fmt::format("{}_{}", name, ::getpid());
    const bool on_return = kind == KprobeKind::nft_committed || kind == KprobeKind::xt_replaced;
    const std::string place = on_return ? fmt::format("{}:{}", module, at.symbol)
                                        : fmt::format("{}:{}+{}", module, at.symbol, at.offset);
    tracefs_.append("kprobe_events", fmt::format("{}:{}/{} {}{}", on_return ? "r" : "p", group_,
                                                 event, place, arguments));
    const std::string directory = instance_->path(fmt::format("events/{}/{}/", group_, event));
    try {
        const EventFormat format(tracefs_.read(directory + "format"));
        if (filter)
            tracefs_.write(directory + "filter", filter);
        tracefs_.write(directory + "enable", "1");
        probes_.emplace(format.id(), Probe{event, kind, site, format});
    } catch (const Error&) {
        remove(event);
        throw;
    }
}

void TracefsProbes::remove(const std::string& event) {
    try {
        if (instance_)
            tracefs_.write(instance_->path(fmt::format("events/{}/{}/enable", group_, event)), "0");
        tracefs_.append("kprobe_events", fmt::format("-:{}/{}", group_, event));
    } catch (const Error&) {
        return; // the next start removes it
    }
}

template <typename Which>
void TracefsProbes::remove_if(const Which& which) {
    std::erase_if(probes_, [&](const auto& each) {
        const bool chosen = which(each.second);
        if (chosen)
            remove(each.second.event);
        return chosen;
    });
}

void TracefsProbes::attach_nft(const probesite::NftSites& sites) {
    constexpr const char* module = nf_tables_module.name;
    const auto verdict = [&](const char* name, std::size_t i, const probesite::ProbePoint& at) {
        add(name, KprobeKind::nft_verdict, i, module, at,
            nft_verdict_arguments(config_.nft[i], config_.nft_layout, packet_));
    };
    const auto policy = [&](const char* name, std::size_t i, const probesite::ProbePoint& at) {
        add(name, KprobeKind::nft_policy, i, module, at,
            nft_policy_arguments(config_.policy[i], config_.nft_layout, packet_));
    };
    try {
        verdict("nft_verdict", 0, sites.verdict.at);
        if (sites.traced)
            verdict("nft_verdict_traced", 1, sites.traced->at);
        policy("nft_policy", 0, sites.policy.at);
        if (sites.policy_traced)
            policy("nft_policy_traced", 1, sites.policy_traced->at);
    } catch (const Error&) {
        detach_nft();
        throw;
    }
}

void TracefsProbes::attach_xt(const probesite::IptSites& sites, Legacy legacy) {
    if (legacy != Legacy::iptables && legacy != Legacy::ip6tables)
        refuse("which table arptables is in");
    const bool ipv6 = legacy == Legacy::ip6tables;
    const auto i = static_cast<std::size_t>(legacy);
    const char* module = ipv6 ? ip6_tables_module.name : ip_tables_module.name;
    const nfv_xt_site& site = config_.xt[i];
    if (site.table.kind == NFV_NOWHERE)
        refuse("the table, which the function does not keep");
    try {
        add(ipv6 ? "ip6t_matched" : "ipt_matched", KprobeKind::xt_matched, i, module, sites.matched,
            xt_matched_arguments(site, config_.xt_layout, packet_));
        add(ipv6 ? "ip6t_result" : "ipt_result", KprobeKind::xt_result, i, module, sites.result,
            xt_result_arguments(site, packet_));
        if (sites.hotdrop)
            add(ipv6 ? "ip6t_hotdrop" : "ipt_hotdrop", KprobeKind::xt_hotdrop, i, module,
                sites.hotdrop->at, xt_hotdrop_arguments(site, config_.xt_layout, packet_),
                "flag != 0");
    } catch (const Error&) {
        detach_xt(legacy);
        throw;
    }
}

void TracefsProbes::attach_nft_changes() {
    const probesite::ProbePoint commit{"nf_tables_commit", 0};
    add("nft_committed", KprobeKind::nft_committed, 0, nf_tables_module.name, commit, "");
    add("nft_commit", KprobeKind::nft_commit, 0, nf_tables_module.name, commit,
        nft_commit_arguments(packet_));
}

void TracefsProbes::attach_xt_changes() {
    const probesite::ProbePoint replace{"xt_replace_table", 0};
    add("xt_replaced", KprobeKind::xt_replaced, 0, x_tables_module.name, replace, "");
    add("xt_replace", KprobeKind::xt_replace, 0, x_tables_module.name, replace, "");
}

void TracefsProbes::attach_decoy(const probesite::NftSites&) {
    refuse("what the decoy key shows");
}

void TracefsProbes::attach_passed(const probesite::NftSites&) {
    refuse("them");
}

void TracefsProbes::attach_xt(const probesite::EbtSites&, Legacy) {
    refuse("ebtables' verdicts");
}

void TracefsProbes::attach_ebt_changes() {
    refuse("changes of ebtables");
}

void TracefsProbes::attach_drops() {
    refuse("them");
}

void TracefsProbes::attach_hooks() {
    refuse("them");
}

void TracefsProbes::attach_flowtables() {
    refuse("them");
}

void TracefsProbes::attach_walk(Walk) {
    refuse("what whole tables return");
}

void TracefsProbes::detach_nft() {
    remove_if([](const Probe& probe) {
        return probe.kind == KprobeKind::nft_verdict || probe.kind == KprobeKind::nft_policy;
    });
}

void TracefsProbes::detach_xt(Legacy legacy) {
    remove_if([&](const Probe& probe) {
        const bool walk = probe.kind == KprobeKind::xt_matched ||
                          probe.kind == KprobeKind::xt_result ||
                          probe.kind == KprobeKind::xt_hotdrop;
        return walk && probe.site == static_cast<std::size_t>(legacy);
    });
}

void TracefsProbes::fetch() {
    instance_->drain(
        [this](std::uint32_t cpu, std::uint64_t time, std::span<const std::uint8_t> event) {
            hits_.emplace(time, Hit{cpu, {event.begin(), event.end()}});
        });
}

void TracefsProbes::drain(const std::function<void(const nfv_event&)>& sink) {
    // What another CPU has seen until now is in its buffer; of what comes later, something may
    // still be on its way, and would come out of order.
    const std::uint64_t now = monotonic_ns();
    fetch();
    const std::uint64_t no_room = instance_->lost();
    const bool gap = std::exchange(no_room_, no_room) != no_room;
    if (gap)
        decoder_.begin_gap();
    while (!hits_.empty() && hits_.begin()->first <= now) {
        const auto hit = hits_.extract(hits_.begin());
        const Hit& seen = hit.mapped();
        const Probe* probe = probe_of(seen);
        if (!probe)
            continue;
        if (const auto event = decoder_.next(
                {probe->kind, probe->site, hit.key(), seen.cpu, &probe->format, seen.bytes}))
            sink(*event);
    }
    if (gap)
        decoder_.end_gap();
}

// An event begins with its number (struct trace_entry of include/linux/trace_events.h).
const TracefsProbes::Probe* TracefsProbes::probe_of(const Hit& hit) const {
    const auto probe = probes_.find(probesite::read_at<std::uint16_t>(hit.bytes, 0).value_or(0));
    return probe == probes_.end() ? nullptr : &probe->second;
}

// All transactions count for everybody: whose they are is not known.
Generations TracefsProbes::generations(nfv_ruleset ruleset) {
    fetch();
    Generation now = decoder_.moment(ruleset);
    for (const auto& [time, hit] : hits_) {
        const Probe* probe = probe_of(hit);
        if (!probe)
            continue;
        const bool nft = ruleset == NFV_RULESET_NFT;
        now.started += probe->kind == (nft ? KprobeKind::nft_commit : KprobeKind::xt_replace);
        now.finished += probe->kind == (nft ? KprobeKind::nft_committed : KprobeKind::xt_replaced);
    }
    Generations all;
    all.fill(now);
    return all;
}

// "  nft_verdict_812    hits    missed" of all events of all groups.
std::uint64_t TracefsProbes::missed() {
    std::uint64_t count = 0;
    std::istringstream lines(tracefs_.read("kprobe_profile"));
    std::string event;
    for (std::uint64_t hits = 0, missed = 0; lines >> event >> hits >> missed;) {
        if (std::none_of(probes_.begin(), probes_.end(),
                         [&](const auto& each) { return each.second.event == event; }))
            continue;
        count += missed;
        // An address that cannot be read, such as that of a device that is not there.
        faults_count_ = faults_count_ || missed > hits;
    }
    return count;
}

std::uint64_t TracefsProbes::lost() {
    const bool knew = faults_count_;
    const std::uint64_t misses = missed();
    if (faults_count_ && !knew)
        notice_("hits that a probe misses while another one runs are not counted: this kernel "
                "counts each address that cannot be read as such");
    return instance_->lost() + decoder_.incomplete() + (faults_count_ ? 0 : misses);
}

} // namespace nflab::nfverdict

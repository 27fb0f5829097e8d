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
#include <fstream>
#include <optional>
#include <sstream>
#include <utility>

namespace nflab::nfverdict {
namespace {

[[noreturn]] void refuse(const char* what) {
    throw Error(Failure::lab, fmt::format("kprobe events of tracefs do not tell {}", what));
}

// Of a variable of a module; the kernel has the addresses of those only where it is built with
// CONFIG_KALLSYMS_ALL.
std::optional<std::uint64_t> variable_address(const std::string& module, const std::string& name) {
    const std::string wanted = fmt::format(" d {}\t[{}]", name, module);
    std::ifstream symbols("/proc/kallsyms");
    for (std::string line; std::getline(symbols, line);)
        if (line.ends_with(wanted))
            if (const std::uint64_t address = std::stoull(line, nullptr, 16))
                return address;
    return {};
}

} // namespace

TracefsProbes::TracefsProbes(const nfv_config& config, KernelTypes& types, Notice notice)
    : notice_(std::move(notice)), config_(config), packet_(packet_layout(types)),
      group_(kprobe_group(::getpid())), decoder_(config) {
    remove_stale_kprobes(tracefs_);
    instance_ = std::make_unique<TraceInstance>(tracefs_, group_);
    notice_("kprobe events cannot follow a packet's headers into pages, where some drivers leave "
            "them: such a packet's records say that they are unread");
}

TracefsProbes::~TracefsProbes() {
    instance_.reset(); // events that somebody has enabled cannot be removed
    for (const auto& [id, probe] : probes_)
        if (probe.ours)
            remove(probe.event);
}

void TracefsProbes::enable(const std::string& directory, const char* filter, Probe probe) {
    if (filter)
        tracefs_.write(directory + "filter", filter);
    tracefs_.write(directory + "enable", "1");
    const std::uint16_t id = probe.format.id();
    probes_.emplace(id, std::move(probe));
}

void TracefsProbes::define(const char* name, char type, KprobeKind kind, std::size_t site,
                           const std::string& what, const char* filter) {
    // Counters of missed hits are told by the event's name alone.
    const std::string event = fmt::format("{}_{}", name, ::getpid());
    tracefs_.append("dynamic_events", fmt::format("{}:{}/{} {}", type, group_, event, what));
    const std::string directory = instance_->path(fmt::format("events/{}/{}/", group_, event));
    try {
        enable(directory, filter,
               {event, kind, site, EventFormat(tracefs_.read(directory + "format")), true});
    } catch (const Error&) {
        remove(event);
        throw;
    }
}

void TracefsProbes::add(const char* name, KprobeKind kind, std::size_t site, const char* module,
                        const probesite::ProbePoint& at, const std::string& arguments,
                        const char* filter) {
    const bool on_return = kind == KprobeKind::nft_committed || kind == KprobeKind::xt_replaced;
    const std::string function = *module ? fmt::format("{}:{}", module, at.symbol) : at.symbol;
    const std::string place = on_return ? function : fmt::format("{}+{}", function, at.offset);
    define(name, on_return ? 'r' : 'p', kind, site, place + arguments, filter);
}

void TracefsProbes::remove(const std::string& event) {
    try {
        if (instance_)
            tracefs_.write(instance_->path(fmt::format("events/{}/{}/enable", group_, event)), "0");
        tracefs_.append("dynamic_events", fmt::format("-:{}/{}", group_, event));
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
    struct {
        const char *entered, *matched, *result, *hotdrop, *module;
    } const all[] = {
        {nullptr, "ipt_matched", "ipt_result", "ipt_hotdrop", ip_tables_module.name},
        {nullptr, "ip6t_matched", "ip6t_result", "ip6t_hotdrop", ip6_tables_module.name},
        {"arpt_entered", "arpt_matched", "arpt_result", nullptr, arp_tables_module.name}};
    const auto i = static_cast<std::size_t>(legacy);
    const auto& mine = all[i];
    const nfv_xt_site& site = config_.xt[i];
    try {
        if (sites.entered && mine.entered)
            add(mine.entered, KprobeKind::xt_entered, i, mine.module, sites.entered->at,
                xt_entered_arguments(site, config_.xt_layout));
        add(mine.matched, KprobeKind::xt_matched, i, mine.module, sites.matched,
            xt_matched_arguments(site, config_.xt_layout, packet_));
        add(mine.result, KprobeKind::xt_result, i, mine.module, sites.result,
            xt_result_arguments(site, packet_));
        if (sites.hotdrop && mine.hotdrop)
            add(mine.hotdrop, KprobeKind::xt_hotdrop, i, mine.module, sites.hotdrop->at,
                xt_hotdrop_arguments(site, config_.xt_layout, packet_), "flag != 0");
    } catch (const Error&) {
        detach_xt(legacy);
        throw;
    }
}

void TracefsProbes::attach_xt(const probesite::EbtSites& sites, Legacy legacy) {
    const auto standard = variable_address(ebtables_module.name, "ebt_standard_target");
    if (!standard)
        throw Error(Failure::lab, "/proc/kallsyms does not tell where ebtables' standard target "
                                  "is, by which other targets are told from it");
    decoder_.know_ebt_standard_target(*standard);
    const auto i = static_cast<std::size_t>(legacy);
    const char* module = ebtables_module.name;
    const nfv_ebt_site& site = config_.ebt;
    try {
        add("ebt_entered", KprobeKind::ebt_entered, i, module, sites.entered.at,
            ebt_entered_arguments(site));
        add("ebt_matched", KprobeKind::ebt_matched, i, module, sites.matched,
            ebt_matched_arguments(site, packet_));
        add("ebt_result", KprobeKind::ebt_result, i, module, sites.result,
            ebt_result_arguments(site, packet_));
        add("ebt_policy", KprobeKind::ebt_policy, i, module, sites.policy,
            ebt_policy_arguments(site, packet_));
    } catch (const Error&) {
        detach_xt(legacy);
        throw;
    }
}

void TracefsProbes::attach_nft_changes() {
    const probesite::ProbePoint commit{"nf_tables_commit", 0};
    add("nft_committed", KprobeKind::nft_committed, 0, nf_tables_module.name, commit, "");
    add("nft_commit", KprobeKind::nft_commit, 0, nf_tables_module.name, commit,
        change_arguments(packet_));
}

void TracefsProbes::attach_xt_changes() {
    const probesite::ProbePoint replace{"xt_replace_table", 0};
    add("xt_replaced", KprobeKind::xt_replaced, 0, x_tables_module.name, replace, "");
    add("xt_replace", KprobeKind::xt_replace, 0, x_tables_module.name, replace, "");
}

void TracefsProbes::attach_ebt_changes() {
    const probesite::ProbePoint replace{"do_replace_finish", 0};
    add("ebt_replaced", KprobeKind::xt_replaced, 0, ebtables_module.name, replace, "");
    add("ebt_replace", KprobeKind::xt_replace, 0, ebtables_module.name, replace,
        change_arguments(packet_));
}

// Which packet the kernel frees as dropped is told by its tracepoint. What the packet was, an event
// probe there can read, and on kernels without those (before 5.15) a probe at kfree_skb.
void TracefsProbes::attach_freed() {
    const std::string directory = "events/skb/kfree_skb/";
    const EventFormat kernels_own(tracefs_.read(instance_->path(directory + "format")));
    constexpr const char* ip_in_packet = "protocol == 0x0008 || protocol == 0xdd86";
    if (tracefs_.read("README").find("e[:[<group>/][<event>]]") != std::string::npos) {
        define("dropped", 'e', KprobeKind::dropped, 0,
               "skb.kfree_skb" + freed_arguments(packet_, kernels_own.has("reason")), ip_in_packet);
        return;
    }
    add("freeing", KprobeKind::freeing, 0, "", {"kfree_skb", 0}, freeing_arguments(packet_),
        ip_in_packet);
    enable(instance_->path(directory), "protocol == 0x0800 || protocol == 0x86dd",
           {"kfree_skb", KprobeKind::freed, 0, kernels_own, false});
}

void TracefsProbes::attach_drops() {
    attach_freed();
    add("hook", KprobeKind::hook, 0, "", {"nf_hook_slow", 0}, hook_arguments(packet_));
    add("queue", KprobeKind::hook, 0, "", {"nf_queue", 0}, hook_arguments(packet_));
}

void TracefsProbes::attach_decoy(const probesite::NftSites&) {
    refuse("what the decoy key shows");
}

void TracefsProbes::attach_passed(const probesite::NftSites&) {
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
        return probe.kind >= KprobeKind::xt_entered && probe.kind <= KprobeKind::ebt_policy &&
               probe.site == static_cast<std::size_t>(legacy);
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
    const auto probe = probes_.find(probesite::value_at<std::uint16_t>(hit.bytes, 0));
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

// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/drops/drops.hpp"

#include "guest/nfverdict/hooks/hook_function.hpp"
#include "guest/nfverdict/kernel/monotonic.hpp"
#include "guest/nfverdict/records/assemble.hpp"
#include "harness/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

namespace nflab::nfverdict {
namespace {

constexpr unsigned netdev_egress = 1; // NF_NETDEV_EGRESS

std::optional<long> read_number(const char* path) {
    std::ifstream file(path);
    long value = 0;
    if (file >> value)
        return value;
    return {};
}

// What nf_hook_slow calls, so that the hook's state is that of the packet.
bool is_within_hook(std::string_view function) {
    return function == "nf_queue" || function == "__nf_queue";
}

bool conntrack_is_full() {
    const auto count = read_number("/proc/sys/net/netfilter/nf_conntrack_count");
    const auto most = read_number("/proc/sys/net/netfilter/nf_conntrack_max");
    return count && most && *count >= *most;
}

} // namespace

Drops::Drops(KernelTypes& types, bool all, std::function<void()> breathe)
    : types_(types), all_(all), symbols_(std::move(breathe)),
      reasons_([&types](const std::string& module, const std::string& name) {
          return types.enumerators(module, name);
      }) {
    for (const Netns& netns : Netns::all())
        watch(netns);
}

void Drops::watch(const Netns& netns) {
    const InNetns inside(netns);
    const std::uint64_t begin = monotonic_ns();
    const auto [entry, fresh] = watched_.try_emplace(netns.inode());
    Watched& watched = entry->second;
    watched.counters.update(read_counters());
    // What a namespace that is new to us has counted before may have been about anything.
    if (fresh)
        watched.counters.forget();
    watched.read_begin_ns = begin;
    watched.read_end_ns = monotonic_ns();
}

std::uint64_t Drops::counter_moved(const nfv_event& event, const std::string& name) {
    const auto found = watched_.find(event.netns);
    if (found != watched_.end()) {
        CounterWatch& counters = found->second.counters;
        // While counters were read, and in clocks that stand still for milliseconds, before and
        // after are the same.
        const bool before = event.time < found->second.read_begin_ns;
        const bool during = !before && event.time <= found->second.read_end_ns;
        if (before || (during && counters.moved(name) > 0))
            return counters.moved(name);
        if (!during)
            counters.forget();
    }
    const Netns netns = Netns::find(event.netns);
    if (!netns.valid())
        return 0;
    watch(netns);
    return watched_.at(event.netns).counters.moved(name);
}

std::vector<HookEntry> Drops::hook_of(const nfv_event& event) {
    const Netns netns = event.has_state ? Netns::find(event.netns) : Netns::none();
    if (!netns.valid())
        return {};
    const InNetns inside(netns);
    if (!memory_) {
        memory_ = std::make_unique<KernelMemory>();
        hooks_ = std::make_unique<HookReader>(types_, *memory_);
    }
    const std::string device = event.hook == netdev_egress ? event.out : event.in;
    for (HookList& list : hooks_->read())
        if (list.family == event.pf && list.hook == event.hook &&
            (list.device.empty() || list.device == device))
            return std::move(list.entries);
    return {};
}

// Which of the hook's functions it was: those of tables have told already.
void Drops::explain_hook(const nfv_event& event, const std::vector<HookEntry>& hook,
                         verdict::Record& record) {
    struct Candidate {
        Symbol function;
        int priority;
        std::string stage;
    };
    std::vector<Candidate> candidates;
    for (const HookEntry& entry : hook) {
        const Symbol symbol = symbols_.function(entry.function);
        const HookFunction kind = classify_hook(symbol.name, symbol.module);
        // Defragmentation keeps packets; it drops within itself.
        if (!kind.is_table() && kind.stage != "defrag")
            candidates.push_back({symbol, entry.priority, kind.stage});
    }
    const auto conntrack = std::find_if(candidates.begin(), candidates.end(),
                                        [](const auto& each) { return each.stage == "conntrack"; });
    const auto blame = [&](const Candidate& candidate, const char* basis) {
        record.stage = candidate.stage;
        record.function = candidate.function.name;
        record.module = candidate.function.module;
        record.priority = candidate.priority;
        record.basis = basis;
    };
    if (conntrack != candidates.end()) {
        for (const auto& [counter, detail] :
             {std::pair("conntrack.insert_failed", "the entry clashes with another one"),
              std::pair("conntrack.drop", "no entry could be made")}) {
            if (counter_moved(event, counter) == 0)
                continue;
            watched_.at(event.netns).counters.take("conntrack.insert_failed");
            watched_.at(event.netns).counters.take("conntrack.drop"); // it counts both
            blame(*conntrack, "counter");
            record.rule_text =
                conntrack_is_full() ? "the connection tracking table is full" : detail;
            return;
        }
    }
    if (candidates.size() == 1) {
        blame(candidates.front(), "hook entry");
        return;
    }
    for (const Candidate& candidate : candidates)
        record.rule_text += (record.rule_text.empty() ? "one of " : ", ") + candidate.function.name;
}

bool Drops::explain(const nfv_event& event, verdict::Record& record) {
    // Hooks may change while names are looked up.
    std::vector<HookEntry> hook;
    const bool asked = !symbols_.knows(event.location);
    if (asked)
        hook = hook_of(event);
    const Symbol& site = symbols_.at(event.location);
    const std::string reason = reasons_.name(event.reason);
    const std::string function(source_name(site.name));
    const auto kernel_has = [this](std::string_view name) {
        return reasons_.has(std::string(name));
    };
    const DropFacts facts{kernel_has,
                          reason,
                          function,
                          record.packet,
                          {event.header, event.header_length},
                          event.packet_type,
                          event.checked != 0,
                          event.route_error};
    const DropStage stage =
        drop_stage(facts, [&](const std::string& name) { return counter_moved(event, name); });
    if (stage.noise && !all_)
        return false;
    for (const std::string& counter : stage.counters)
        watched_.at(event.netns).counters.take(counter);
    record.engine = "none";
    record.rule_kind = verdict::RuleKind::none;
    record.verdict = "drop";
    record.method = "drop";
    record.stage = stage.stage;
    record.reason = reason;
    record.location = site.text();
    record.function = site.name;
    record.module = site.module;
    record.basis = stage.basis;
    record.rule_text = stage.detail;
    if (stage.stage == "netfilter")
        explain_hook(event, asked ? hook : hook_of(event), record);
    else if (!is_within_hook(function)) {
        record.hook.clear(); // found on the stack, but of a hook that the packet has passed
        take_own_devices(event, record);
    }
    return true;
}

} // namespace nflab::nfverdict

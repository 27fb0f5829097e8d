// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/drops/hook_walks.hpp"

#include "guest/nfverdict/hooks/hook_function.hpp"

#include <algorithm>
#include <cstring>

namespace nflab::nfverdict {
namespace {

struct RawEntry { // struct nf_hook_entry
    std::uint64_t function;
    std::uint64_t priv;
};
// The event has room for so many of them.
constexpr std::size_t most_entries = std::size_t{4} * NFV_NAME / sizeof(RawEntry);

} // namespace

void HookWalks::enter(const nfv_event& event, verdict::Record record) {
    Walk walk{std::move(record), {}, {}};
    const std::vector<HookEntry> hook = drops_.hook_of(event);
    const std::size_t count = std::min<std::size_t>(event.reason, most_entries);
    for (std::size_t i = event.entry; i < count; ++i) {
        RawEntry raw{};
        std::memcpy(&raw, event.table + i * sizeof(raw), sizeof(raw));
        const auto known = std::find_if(hook.begin(), hook.end(), [&](const HookEntry& each) {
            return each.function == raw.function && each.priv == raw.priv;
        });
        // The hook has changed since: without its priority there is no telling when it ran.
        if (known == hook.end())
            break;
        const Symbol symbol = drops_.symbols().function(raw.function);
        const HookFunction kind = classify_hook(symbol.name, symbol.module);
        walk.functions.push_back({symbol, kind.stage, kind.is_table(), known->priority});
    }
    walks_[static_cast<int>(event.cpu)] = std::move(walk);
}

void HookWalks::decided(const verdict::Record& record) {
    const auto found = walks_.find(record.cpu);
    if (found == walks_.end() || found->second.record.packet.skb != record.packet.skb ||
        found->second.record.hook != record.hook || !record.priority)
        return;
    const bool ends = record.final() && record.verdict != "accept";
    found->second.decisions.push_back({*record.priority, record.time_ns, ends});
}

std::vector<verdict::Record> HookWalks::leave(const nfv_event& event) {
    constexpr int accepted = 1; // nf_hook_slow: the caller goes on with the packet
    const auto found = walks_.find(static_cast<int>(event.cpu));
    if (found == walks_.end() || found->second.record.packet.skb != event.skb)
        return {};
    const Walk walk = std::move(found->second);
    walks_.erase(found);
    std::vector<verdict::Record> out;
    const auto end = std::find_if(walk.decisions.begin(), walk.decisions.end(),
                                  [](const Decision& decision) { return decision.ends; });
    if (event.verdict != accepted && end == walk.decisions.end())
        return out; // which function has kept or dropped the packet is not known
    for (const Function& function : walk.functions) {
        if (event.verdict != accepted && function.priority >= end->priority)
            break;
        if (function.table)
            continue;
        verdict::Record record = walk.record;
        record.engine = "none";
        record.rule_kind = verdict::RuleKind::none;
        record.verdict = "continue";
        record.method = "hook";
        record.basis = "hook entry";
        record.stage = function.stage;
        record.function = function.symbol.name;
        record.module = function.symbol.module;
        record.priority = function.priority;
        // Before what the tables behind it say, and after what those before it do.
        record.time_ns = event.time;
        for (const Decision& decision : walk.decisions)
            if (decision.priority > function.priority)
                record.time_ns = std::min(record.time_ns, decision.time_ns - 1);
        out.push_back(std::move(record));
    }
    return out;
}

} // namespace nflab::nfverdict

// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/probesite/trace_call.hpp"

#include "guest/probesite/refused.hpp"

#include <fmt/format.h>

#include <deque>

namespace nflab::probesite {

namespace {

using Index = ControlFlow::Index;

bool starts_with(std::string_view text, std::string_view start) {
    return text.substr(0, start.size()) == start;
}

bool is_trace_function(std::string_view name) {
    return starts_with(name, "__nft_trace_verdict") || starts_with(name, "__nft_trace_packet");
}

/// Calls that sanitizers put between any two instructions.
bool is_instrumentation(std::string_view name) {
    for (const auto* start :
         {"__asan_", "__kasan_", "__ubsan_", "__sanitizer_", "__tsan_", "__kcsan_", "__msan_"}) {
        if (starts_with(name, start)) {
            return true;
        }
    }
    return false;
}

/// The first call on the way from `start`, and the instructions before it. A detour is short.
std::optional<Index> first_call(const ControlFlow& code, Index start, std::vector<Index>& before) {
    constexpr std::size_t most = 128;
    std::deque<Index> waiting{start};
    std::vector<bool> seen(code.size(), false);
    while (!waiting.empty() && before.size() < most) {
        const auto i = waiting.front();
        waiting.pop_front();
        if (seen[i] || code.jump_site(i) != nullptr) {
            continue;
        }
        seen[i] = true;
        if (code[i].flow == Flow::call && !is_instrumentation(code[i].callee)) {
            return i;
        }
        before.push_back(i);
        waiting.insert(waiting.end(), code.successors(i).begin(), code.successors(i).end());
    }
    return std::nullopt;
}

TraceCall describe(DataFlow& flow, Index at, Index call, Index untraced,
                   const std::vector<Index>& before) {
    TraceCall found;
    found.at = at;
    found.call = call;
    found.untraced = untraced;
    found.function = flow.code()[call].callee;
    found.state = flow.before(call);
    for (const auto i : before) {
        if (auto store = flow.stack_store(i)) {
            found.stores.push_back(*store);
        }
    }
    return found;
}

/// Kernels without jump labels test the key: back from the call to the branch before it.
std::optional<TraceCall> behind_branch(DataFlow& flow, Index call) {
    const auto& code = flow.code();
    std::vector<Index> before;
    auto at = call;
    while (code.predecessors(at).size() == 1 && before.size() < code.size()) {
        const auto previous = code.predecessors(at).front();
        if (code.successors(previous).size() == 2) {
            const auto& ways = code.successors(previous);
            const auto other = ways[0] == at ? ways[1] : ways[0];
            return describe(flow, previous, call, other, before);
        }
        before.insert(before.begin(), previous);
        at = previous;
    }
    return std::nullopt;
}

} // namespace

std::vector<TraceCall> find_trace_calls(DataFlow& flow, Place key) {
    const auto& code = flow.code();
    std::vector<TraceCall> found;
    bool has_sites = false;
    for (Index i = 0; i < code.size(); ++i) {
        const auto* site = code.jump_site(i);
        if (site == nullptr || site->key != key) {
            continue;
        }
        has_sites = true;
        const auto target = code.index_of(site->target);
        const auto untraced = code.index_of(code[i].next());
        std::vector<Index> before;
        const auto call = target ? first_call(code, *target, before) : std::nullopt;
        if (!call || !untraced || !is_trace_function(code[*call].callee)) {
            continue;
        }
        if (site->inverted) {
            refuse("jump table", "the branch on nft_trace_enabled is taken while no trace is on");
        }
        found.push_back(describe(flow, i, *call, *untraced, before));
    }
    for (Index i = 0; !has_sites && i < code.size(); ++i) {
        if (code[i].flow == Flow::call && is_trace_function(code[i].callee)) {
            if (auto call = behind_branch(flow, i)) {
                found.push_back(std::move(*call));
            }
        }
    }
    return found;
}

} // namespace nflab::probesite

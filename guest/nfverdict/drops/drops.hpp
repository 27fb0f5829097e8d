// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/bpf/event.h"
#include "guest/nfverdict/drops/counters.hpp"
#include "guest/nfverdict/drops/drop_stage.hpp"
#include "guest/nfverdict/drops/reason_names.hpp"
#include "guest/nfverdict/hooks/hook_entries.hpp"
#include "guest/nfverdict/kernel/kernel_types.hpp"
#include "guest/nfverdict/kernel/live_symbols.hpp"
#include "guest/nfverdict/kernel/netns.hpp"
#include "harness/verdict/record.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nflab::nfverdict {

/// Says of packets that no rule dropped what did.
class Drops {
  public:
    /// `all`: what goes on all the time on healthy machines, too. `breathe`: see LiveSymbols.
    /// Notes how the counters of all namespaces stand now.
    Drops(KernelTypes& types, bool all, std::function<void()> breathe);

    /// Whether the kernel says why it drops a packet (5.17 and later).
    bool has_reasons() const { return reasons_.any(); }

    /// Completes what assemble() has made of the event. False: nothing to be reported.
    bool explain(const nfv_event& event, verdict::Record& record);

    /// What hangs now in the hook that the event is about; empty when it is about none.
    std::vector<HookEntry> hook_of(const nfv_event& event);

    LiveSymbols& symbols() { return symbols_; }

  private:
    /// Reads the counters of a namespace.
    void watch(const Netns& netns);
    std::uint64_t counter_moved(const nfv_event& event, const std::string& name);
    void explain_hook(const nfv_event& event, const std::vector<HookEntry>& hook,
                      verdict::Record& record);

    struct Watched {
        CounterWatch counters;
        std::uint64_t read_begin_ns = 0; ///< CLOCK_MONOTONIC
        std::uint64_t read_end_ns = 0;
    };

    KernelTypes& types_;
    bool all_;
    LiveSymbols symbols_;
    ReasonNames reasons_;
    std::map<std::uint32_t, Watched> watched_;
    std::unique_ptr<KernelMemory> memory_;
    std::unique_ptr<HookReader> hooks_;
};

} // namespace nflab::nfverdict

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/base/progress.hpp"
#include "harness/step/tracer.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace nflab::step {

/// nfverdict in several nodes of a lab, started and read together. Must not outlive the session.
class Tracers {
  public:
    using OnRecord = std::function<void(const verdict::Record&)>;

    /// Starts all of them at once and waits until each is ready, so that traffic from now on is
    /// seen. `on_record` is called for each record as it arrives (live view) and may be empty.
    /// Throws Error(lab) with nfverdict's own words where a node cannot be observed.
    Tracers(lab::Session& session, const std::vector<TraceOrder>& orders, Progress& progress,
            const OnRecord& on_record = {});

    /// Waits until every packet that the nodes have handled so far is recorded.
    void synchronise();

    /// The records since the last call, after synchronising.
    std::vector<verdict::Record> collect();

    std::vector<Observation> observations() const;

  private:
    std::vector<std::unique_ptr<Tracer>> tracers_;
};

/// What a scenario wants traced.
std::vector<TraceOrder> trace_orders(const plan::Plan& plan);

/// All guests of a lab, or the one of that name, in one mode; empty when there is none.
std::vector<TraceOrder> trace_guests(const plan::Plan& plan, scenario::Trace mode,
                                     const std::string& node = {});

} // namespace nflab::step

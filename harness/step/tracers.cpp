// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/step/tracers.hpp"

#include <fmt/format.h>

#include <iterator>
#include <utility>

namespace nflab::step {

Tracers::Tracers(lab::Session& session, const std::vector<TraceOrder>& orders, Progress& progress,
                 const OnRecord& on_record) {
    for (const TraceOrder& order : orders) {
        tracers_.push_back(std::make_unique<Tracer>(session, order));
        tracers_.back()->on_record = on_record;
    }
    for (const auto& tracer : tracers_) {
        progress.phase(fmt::format("observing {}", tracer->observation().node));
        tracer->wait_ready();
    }
}

void Tracers::synchronise() {
    for (const auto& tracer : tracers_)
        tracer->synchronise();
}

std::vector<verdict::Record> Tracers::collect() {
    std::vector<verdict::Record> records;
    for (const auto& tracer : tracers_) {
        tracer->synchronise();
        auto seen = tracer->take();
        std::move(seen.begin(), seen.end(), std::back_inserter(records));
    }
    return records;
}

std::vector<Observation> Tracers::observations() const {
    std::vector<Observation> observations;
    observations.reserve(tracers_.size());
    for (const auto& tracer : tracers_)
        observations.push_back(tracer->observation());
    return observations;
}

std::vector<TraceOrder> trace_orders(const plan::Plan& plan) {
    std::vector<TraceOrder> orders;
    for (const plan::Node& node : plan.nodes)
        if (node.trace != scenario::Trace::none)
            orders.push_back({.node = node.name,
                              .mode = node.trace,
                              .filter = {},
                              .arguments = node.trace_arguments});
    return orders;
}

std::vector<TraceOrder> trace_guests(const plan::Plan& plan, scenario::Trace mode,
                                     const std::string& node) {
    std::vector<TraceOrder> orders;
    for (const plan::Node& each : plan.nodes)
        if (each.kind == scenario::NodeKind::vm && (node.empty() || each.name == node))
            orders.push_back({each.name, mode, {}});
    return orders;
}

} // namespace nflab::step

// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/step/start_lab.hpp"

#include "harness/base/error.hpp"
#include "harness/lab/warm_guests.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace nflab::step {
namespace {

// A method that needs a file in the node first cannot run before the node is somebody's.
void order_tracers(plan::Plan& plan, const std::vector<TraceOrder>& orders) {
    for (plan::Node& node : plan.nodes)
        for (const TraceOrder& order : orders)
            if (node.name == order.node && !order.needs_module()) {
                node.warm.emplace();
                node.warm->programs.push_back(
                    {nlohmann::json(trace_request(order)).dump(), trace_ready});
            }
}

} // namespace

lab::Starting start_lab(plan::Plan& plan, bool warm, const std::vector<TraceOrder>& orders,
                        Progress& progress) {
    const auto start = [&] {
        return lab::Starting::start(plan, [&](const lab::Event& event) {
            progress.phase(event.node.empty() ? event.phase
                                              : fmt::format("{}: {}", event.node, event.phase));
        });
    };
    if (!warm)
        return start();
    try {
        order_tracers(plan, orders);
        lab::provide_warm_guests(plan, [&](const std::string& what) { progress.phase(what); });
        return start();
    } catch (const Error& error) {
        if (error.failure() != Failure::lab)
            throw;
        progress.notice(fmt::format("no warm start, so guests boot: {}", error.what()));
        lab::forget_warm_guests(plan);
        return start();
    }
}

} // namespace nflab::step

// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/step/waiting_lab.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace nflab::step {

lab::Starting WaitingLab::take(plan::Plan& plan, bool warm, const std::vector<TraceOrder>& orders,
                               Progress& progress) {
    last_ = Order{plan, warm, orders};
    std::optional<Up> up = std::exchange(up_, std::nullopt);
    was_waiting_ = up && nlohmann::json(up->asked) == nlohmann::json(plan);
    if (!was_waiting_) {
        up.reset(); // its name is wanted
        return start_lab(plan, warm, orders, progress);
    }
    plan = std::move(up->made);
    return std::move(up->lab);
}

void WaitingLab::renew(Progress& progress) {
    if (!last_)
        return;
    up_.reset();
    plan::Plan made = last_->plan;
    lab::Starting lab = start_lab(made, last_->warm, last_->traces, progress);
    up_.emplace(Up{last_->plan, std::move(made), std::move(lab)});
}

} // namespace nflab::step

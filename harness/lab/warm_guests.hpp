// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/plan/plan.hpp"

#include <functional>
#include <string>

/// Guests that are kept in the cache, so that a lab need not boot them (docs/architecture.md).
namespace nflab::lab {

/// Whether the plan's guests can start from kept ones: only under TCG, where a boot takes seconds
/// (under KVM it is as quick as this, and KVM's processors cannot be kept), not with a count of
/// instructions, and not in a faithful boot.
bool can_start_warm(const plan::Plan& plan, scenario::Boot boot);

/// Points each vm of the plan at a kept guest of its shape and with the programs of its `warm`,
/// and keeps one first where the cache has none; that takes a lab of its own, and as long as a
/// boot. Another process that keeps the same is waited for. Throws Error(lab).
void provide_warm_guests(plan::Plan& plan, const std::function<void(const std::string&)>& progress);

/// Takes the plan's kept guests out of the cache, and the plan's nodes back to a boot: for when a
/// lab did not come up with them.
void forget_warm_guests(plan::Plan& plan);

} // namespace nflab::lab

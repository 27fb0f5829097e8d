// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/base/progress.hpp"
#include "harness/lab/lab.hpp"
#include "harness/step/tracer.hpp"

#include <vector>

namespace nflab::step {

/// Starts the plan's lab. Where `warm`, its guests start from kept ones that run the tracers
/// already; when that fails they boot, and a notice says so. The plan becomes what was done.
/// Throws Error as lab::Starting::start() does.
lab::Starting start_lab(plan::Plan& plan, bool warm, const std::vector<TraceOrder>& orders,
                        Progress& progress);

} // namespace nflab::step

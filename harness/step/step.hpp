// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/base/progress.hpp"
#include "harness/lab/session.hpp"
#include "harness/scenario/model.hpp"
#include "harness/step/outcome.hpp"
#include "harness/step/tracers.hpp"

namespace nflab::step {

/// Does one step of the scenario in a lab that is up, and holds its expectations against what was
/// seen meanwhile. Throws Error(bad_input) for a ruleset that its tool refuses, Error(lab) when a
/// node fails.
StepOutcome run_step(lab::Session& session, const scenario::Step& step,
                     const scenario::Scenario& scenario, Tracers& tracers, Progress& progress);

} // namespace nflab::step

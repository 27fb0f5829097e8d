// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/lab/session.hpp"
#include "harness/scenario/model.hpp"
#include "harness/step/outcome.hpp"

#include <sys/types.h>

#include <vector>

/// Fetches from a lab what reports show and the verdicts do not need.
namespace nflab::step {

/// A ruleset of the scenario with the place of its text. Pure.
AppliedRuleset as_applied(const scenario::Ruleset& ruleset, const scenario::Scenario& scenario);

/// The rulesets that took decisions in this step, as their nodes list them now. One that cannot be
/// listed is left out.
std::vector<RulesetListing> list_rulesets(lab::Session& session, const StepOutcome& step);

/// The consoles of all nodes, the end of those that are long.
std::vector<ConsoleText> read_consoles(pid_t supervisor, const std::vector<plan::Node>& nodes);

} // namespace nflab::step

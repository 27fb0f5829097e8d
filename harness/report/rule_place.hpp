// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/step/outcome.hpp"

#include <string>

namespace nflab::report {

/// Where the rule or policy of a record was written: "scenarios/first.yaml:27". Empty unless the
/// texts that the scenario applied and the node's listing after the step prove it
/// (marked_rule.hpp).
std::string rule_place(const step::StepOutcome& outcome, const verdict::Record& record);

} // namespace nflab::report

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/report/style.hpp"
#include "harness/step/outcome.hpp"

#include <string>

/// Outcomes as text for people.
namespace nflab::report {

/// One step: its packets' paths and its checks. Packets that took the same way are drawn once, with
/// the number of the others; what nobody sent (neighbour discovery, …) is only counted.
std::string step_text(const step::StepOutcome& outcome, std::size_t number, const Style& style);

/// The paths alone, as `nflab why` shows them, each with the sentence that explains it and, where
/// the rules were listed, the file and line in which the rule was written.
std::string paths_text(const step::StepOutcome& outcome, const Style& style);

/// The closing lines of a cell: verdict, kernel, timings, losses, and for a failure the command
/// that reproduces it.
std::string cell_text(const step::CellOutcome& outcome, const Style& style);

} // namespace nflab::report

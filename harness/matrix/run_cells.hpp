// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/base/error.hpp"
#include "harness/step/cell.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// Many cells, several at once.
namespace nflab::matrix {

/// A scenario on a kernel. The scenario must outlive the run; options.on_step is not used.
struct CellOrder {
    const scenario::Scenario* scenario = nullptr;
    step::CellOptions options;
};

struct CellResult {
    step::CellOutcome outcome;
    /// What the user must mend (a ruleset that the guest's own tool refuses, an unknown kernel);
    /// the outcome is then of status error and has the same words.
    std::optional<Error> refused;
};

/// What is told while cells run, always on the thread that called run_cells(). Steps and ends come
/// in the order of the orders, all of one cell before the first of the next: a cell that runs ahead
/// waits with its news. Phases and notices come as they happen. Any of them may be empty.
struct Audience {
    std::function<void(std::size_t cell, const std::string& what)> phase;
    std::function<void(const std::string& message)> notice;
    std::function<void(std::size_t cell, const step::StepOutcome&, std::size_t number)> step;
    std::function<void(std::size_t cell, const CellResult&)> end;
};

/// Runs every cell, at most `jobs` at once, and returns what came of each, in their order. What one
/// cell fails of does not keep the others from running. Labs without a name of their own get one
/// that no other cell of this process has. When an audience throws, the cells that have not begun
/// do not begin, and the exception is passed on after the others have ended.
std::vector<CellResult> run_cells(const std::vector<CellOrder>& orders, unsigned jobs,
                                  const Audience& audience);

/// nflab's exit code for these: that of the worst, a lab that failed before input that is wrong
/// before an expectation that does not hold.
int exit_code(const std::vector<CellResult>& results);

} // namespace nflab::matrix

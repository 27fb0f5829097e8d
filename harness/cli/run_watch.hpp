// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/matrix/run_cells.hpp"
#include "harness/report/listener.hpp"

#include <functional>
#include <string>

namespace nflab::cli {

/// What a run begins with, read anew each time.
struct WatchedCell {
    scenario::Scenario scenario;
    step::CellOptions options;
};

/// Runs one cell, and again whenever its scenario, a ruleset that it names or a part beside them is
/// saved, until a signal ends the program. While a person edits, the next lab comes up: a run
/// begins with its steps as long as nodes and networks are the same. `read` gives the cell and
/// throws Error(bad_input) for a scenario with mistakes, which is shown and waited out.
[[noreturn]] void run_watched(const std::string& file, const std::function<WatchedCell()>& read,
                              report::Listener& listener);

} // namespace nflab::cli

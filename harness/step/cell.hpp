// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/base/progress.hpp"
#include "harness/lab/lab.hpp"
#include "harness/scenario/model.hpp"
#include "harness/step/outcome.hpp"
#include "harness/step/waiting_lab.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace nflab::step {

/// What the command line adds to a scenario.
struct CellOptions {
    std::string kernel;                 ///< name in the lock or path; empty: the default
    std::filesystem::path modules;      ///< beside a bzImage that is given as path
    bool locked = false;                ///< a vanished package is an error, not a newer one
    std::string accelerator = "auto";   ///< auto, kvm, tcg, icount
    std::optional<scenario::Boot> boot; ///< overrides the scenario's
    std::string lab;                    ///< name of the lab; empty: from scenario and process id
    WaitingLab* waiting = nullptr;      ///< where the lab may come from; must outlive the run
    bool warm = true; ///< start guests from kept ones where that is possible, instead of booting
    plan::Deadlines deadlines;
    bool keep_lab = false; ///< leave the lab up, for `nflab up`
    bool gather = false; ///< fetch what only a report shows: consoles, rulesets as nodes list them
    /// Called with each finished step, so that long scenarios show something early; may be empty.
    std::function<void(const StepOutcome&, std::size_t number)> on_step;
};

struct CellRun {
    CellOutcome outcome;
    std::optional<lab::Starting> lab; ///< when it was to be kept and did come up; not yet released
};

/// Runs one scenario on one kernel from start to end. A lab that fails is an outcome of status
/// `error`; a kernel without the required features is `skipped`.
/// Throws Error(bad_input) for what the user must mend: unknown kernel, refused ruleset.
CellRun run_cell(const scenario::Scenario& scenario, const CellOptions& options,
                 Progress& progress);

} // namespace nflab::step

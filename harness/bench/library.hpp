// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/base/progress.hpp"
#include "harness/scenario/model.hpp"
#include "harness/step/cell.hpp"

#include <string>
#include <utility>
#include <vector>

namespace nflab::bench {

struct LibraryOptions {
    step::CellOptions cell;
    unsigned jobs = 0;    ///< 0: as many as the machine can
    bool baseline = true; ///< measure the other way, too
};

/// All scenarios once, in one way.
struct LibraryRun {
    double seconds = 0; ///< from the first cell's begin to the last one's end
    std::size_t passed = 0;
    std::size_t skipped = 0;
    std::vector<std::string> others;                       ///< that failed, or had no lab
    std::vector<std::pair<std::string, double>> scenarios; ///< seconds of each that ran

    /// Per scenario that was not skipped; 0 when none was run.
    double mean() const;
};

struct LibraryResult {
    std::string kernel_release;
    std::string accelerator;
    unsigned jobs = 1;
    LibraryRun run;      ///< warm starts, `jobs` at once
    LibraryRun baseline; ///< every guest booted, one cell after the other
};

/// Runs the scenarios on the kernel of `options.cell`, first one by one with every guest booted,
/// then as `nflab run` does. Throws Error as run_cell() does.
LibraryResult measure_library(const std::vector<scenario::Scenario>& scenarios,
                              const LibraryOptions& options, Progress& progress);

} // namespace nflab::bench

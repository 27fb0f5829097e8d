// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/step/outcome.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace nflab::report {

/// Which cell is meant: they may run side by side.
struct CellName {
    std::size_t index = 0; ///< from 0, in the order in which they were asked for
    std::string scenario;
    std::string file;
    std::string kernel; ///< as asked for; empty: the default
};

/// Follows a run from its beginning to its end: one for each output. Always called on one thread;
/// steps and cells come in the order of the cells, phases and notices as they happen. Throws Error
/// when its output cannot be written.
class Listener {
  public:
    virtual ~Listener() = default;
    virtual void run_begins(const std::vector<CellName>& cells) { (void)cells; }
    /// Work that goes on now ("booting router").
    virtual void phase(const CellName& cell, const std::string& what) { (void)cell, (void)what; }
    /// Something that the user must know.
    virtual void notice(const std::string& message) { (void)message; }
    /// A step is done; `number` counts from 1.
    virtual void step(const CellName& cell, std::size_t number, const step::StepOutcome& outcome) {
        (void)cell, (void)number, (void)outcome;
    }
    virtual void cell(const CellName& cell, const step::CellOutcome& outcome) {
        (void)cell, (void)outcome;
    }
    virtual void run_ends() {}
};

} // namespace nflab::report

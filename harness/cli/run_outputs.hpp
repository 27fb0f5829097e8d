// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/report/listeners.hpp"

#include <string>

namespace CLI {
class App;
}

namespace nflab::cli {

/// Where `run` writes what: the screen, and a file for each format that was asked for.
struct RunOutputs {
    std::string report_directory; ///< of the HTML report
    std::string junit;
    std::string tap;   ///< "-": standard output, instead of the screen
    std::string jsonl; ///< the same

    void add_to(CLI::App& command);
    /// Says on standard error where the HTML report is, if there is one.
    void tell_where() const;
    /// Whether cells must fetch what only a report shows (CellOptions::gather).
    bool wants_evidence() const { return !report_directory.empty(); }
    /// Opens them. `json`: standard output is for the one document of --json, which `run` writes.
    /// Throws Error(bad_input) when a file cannot be made, or two want standard output.
    void open(report::Listeners& listeners, bool json) const;
};

} // namespace nflab::cli

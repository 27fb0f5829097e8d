// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/step/cell.hpp"

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace nflab::cli {

/// What `run` and `up` have in common.
struct CellFlags {
    std::string modules;
    std::string accelerator = "auto";
    std::string boot;
    std::string lab;
    bool locked = false;
    std::vector<std::string> with; ///< "NAME=VALUE"
    bool cold = false;
    double boot_timeout = 60;    ///< seconds
    double silence_timeout = 15; ///< seconds

    void add_to(CLI::App& command);
    step::CellOptions options() const;

    /// What the file holds, once for each combination of `with` that the flags leave; at least one.
    /// Throws Error(bad_input).
    std::vector<scenario::Scenario> variants(const std::string& file) const;
};

} // namespace nflab::cli

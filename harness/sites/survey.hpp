// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/kernel/package.hpp"
#include "harness/kernel/progress.hpp"
#include "harness/sites/debug_module.hpp"
#include "harness/sites/described.hpp"
#include "harness/sites/module_store.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace nflab::sites {

/// One probed function of one kernel.
struct FunctionReport {
    enum class State {
        resolved,
        refused,
        absent, ///< the kernel has no such module: built in, or left out
    };
    std::string module;
    std::string function;
    State state = State::absent;
    std::string compiler;
    Described sites;
    probesite::Refusal refusal;
    double milliseconds = 0; ///< of one processor, for resolving
    std::vector<DebugFinding> findings;
    std::string debug_problem; ///< why debug symbols that are there could not be used
};

/// What was found in one kernel.
struct KernelReport {
    std::string release;
    std::string version; ///< of the package; empty for a kernel that came from none
    std::string suite;
    bool is_unsigned = false;
    bool has_debug_symbols = false;
    std::string without_debug_symbols;     ///< why those that there should be could not be had
    std::vector<FunctionReport> functions; ///< in the order of all_probed()
    std::string problem;                   ///< why the kernel could not be looked at; empty: it was
    bool is_gone = false; ///< the problem is that nobody can install this kernel any more
};

/// A kernel to look at. Its modules are asked for when its turn comes.
struct Subject {
    std::string release;
    std::string version;
    std::string suite;
    bool is_unsigned = false;
    std::function<Modules()> modules;
    std::function<Modules()> debug_modules; ///< may be empty: there are no debug symbols
};

/// Resolves, and compares with debug symbols of the same build-id where there are some. Pure.
std::vector<FunctionReport> examine(const Modules& modules, const Modules& debug_modules);

/// Looks at every subject, `jobs` at a time; the reports are in the order of the subjects. A
/// subject whose modules cannot be had gets a `problem`; one whose debug symbols cannot be had is
/// looked at without them.
std::vector<KernelReport> survey(const std::vector<Subject>& subjects, unsigned jobs,
                                 const kernel::Progress& progress);

/// Of one processor, for resolving all of a kernel's functions.
double milliseconds(const KernelReport& report);

/// No refusal, no disagreement with debug symbols, no problem other than that the kernel is gone.
bool is_clean(const KernelReport& report);

} // namespace nflab::sites

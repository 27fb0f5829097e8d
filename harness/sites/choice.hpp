// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/kernel/apt.hpp"
#include "harness/kernel/catalogue.hpp"
#include "harness/sites/module_store.hpp"
#include "harness/sites/survey.hpp"

#include <string>
#include <vector>

namespace nflab::sites {

/// Which kernels to look at.
struct Wish {
    /// Names of the lock, paths as for --kernel, or releases that the archive holds; empty: the
    /// whole lock.
    std::vector<std::string> names;
    bool all = false;                ///< every complete build of the archive
    std::vector<std::string> suites; ///< with `all`: only what these hold; empty: all suites
    std::string flavour;             ///< with `all`: only this one; empty: all of them
    /// Where debug symbols are: empty: nowhere; "auto": in the archive; "cached": in the archive,
    /// as far as an earlier survey has read them; else a directory like /usr/lib/debug.
    std::string debug_symbols;
};

/// Turns a wish into subjects, which it must outlive.
class Choice {
  public:
    explicit Choice(kernel::Progress progress);

    /// Reads the archive's lists where the wish needs them. Throws Error(bad_input) for what is not
    /// known, Error(lab) when the mirror fails.
    std::vector<Subject> subjects(const Wish& wish);

  private:
    void read_lists();
    Subject of_archive(const kernel::Build& build);
    Subject of_disk(const std::string& name);
    void add_debug_symbols(const std::string& where, Subject& subject);

    kernel::Progress progress_;
    kernel::Catalogue known_;
    kernel::Apt apt_;
    ModuleStore store_;
    std::vector<kernel::Package> packages_; ///< of kernels, debug symbols included; empty: not read
};

} // namespace nflab::sites

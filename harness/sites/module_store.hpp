// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/base/error.hpp"
#include "harness/kernel/apt.hpp"
#include "harness/kernel/package.hpp"

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace nflab::sites {

/// Uncompressed modules by name ("nf_tables"); what a kernel lacks, or has built in, is not there.
using Modules = std::map<std::string, std::string>;

/// The probed modules below a directory of modules (lib/modules/<release>) or of debug symbols.
Modules modules_below(const std::filesystem::path& directory);

/// The archive's lists name a package that the archive no longer has: so it is with old builds of a
/// release that is not maintained any more.
class GoneFromArchive : public Error {
  public:
    using Error::Error;
};

/// The probed modules of kernels of the archive. A package is fetched, read as a stream and thrown
/// away; only the few modules are kept, compressed, below $cache/sites, so that an interrupted
/// survey goes on where it was. Usable by several threads.
class ModuleStore {
  public:
    explicit ModuleStore(const kernel::Apt& apt) : apt_(apt) {}

    /// Throws GoneFromArchive, or Error(lab) when the mirror cannot be reached.
    Modules modules(const kernel::Build& build);

    /// The modules with debug symbols, out of a linux-image-…-dbg package.
    Modules debug_modules(const kernel::Package& package);

    /// Whether debug_modules() needs the mirror no more.
    static bool is_kept(const kernel::Package& package);

    /// Removes what is kept of packages other than these: the archive no longer has them.
    static void keep_only(const std::vector<kernel::Package>& packages);

  private:
    Modules out_of(const kernel::Package& package);

    const kernel::Apt& apt_;
    std::mutex download_; ///< the mirror is asked for one package at a time
};

/// The package of a build that its modules are in.
const kernel::Package& modules_package(const kernel::Build& build);

} // namespace nflab::sites

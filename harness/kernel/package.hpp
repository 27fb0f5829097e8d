// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace nflab::kernel {

/// One binary package file of Debian's archive: what a lock file records and what a mirror serves.
struct Package {
    std::string name;
    std::string version;
    std::string suite;      ///< code name of the suite it was found in, e.g. "trixie-security"
    std::string file;       ///< path below the archive's root: "pool/main/l/linux/…_amd64.deb"
    std::uint64_t size = 0; ///< bytes
    std::string sha256;     ///< 64 lower-case hex digits

    bool operator==(const Package&) const = default;
};

/// Whether a suite lives in the security archive, which has its own mirrors.
bool is_security_suite(std::string_view suite);

/// "linux-image-6.12.94+deb13-cloud-amd64 6.12.94-1": how messages and reports name packages. Of
/// several packages that make up one kernel, the one that gave it its name.
std::string describe(const std::vector<Package>& packages);

/// The stanzas of a Packages index (deb822, "Packages" of Debian's repository format) whose name
/// `wanted` accepts. Stanzas without Version, Filename, Size or SHA256 are left out. Pure.
std::vector<Package> parse_packages_index(std::string_view text, std::string_view suite,
                                          const std::function<bool(std::string_view)>& wanted);

/// One usable kernel: its package, or for split packages binary, modules and base.
struct Build {
    std::string release; ///< uname -r
    std::string version; ///< package version
    std::vector<Package> packages;
};

/// All complete builds of a series ("6.12") and flavour ("cloud-amd64") among `packages`, newest
/// first. A linux-image of at most 1 MB is only a metapackage: then linux-binary, linux-modules and
/// linux-base of the same version must all be there. Pure.
std::vector<Build> find_builds(const std::vector<Package>& packages, const std::string& series,
                               const std::string& flavour);

} // namespace nflab::kernel

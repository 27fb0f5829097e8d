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
    /// The archive has it only as it was built, without signatures for Secure Boot: so it is for
    /// some hours after each upload, and for releases that were never signed.
    bool is_unsigned = false;
};

/// The flavour in a kernel release: "cloud-amd64" of "6.1.0-56-cloud-amd64", "rt-amd64" of
/// "6.1.0-0.deb11.48-rt-amd64"; empty when there is none. Pure.
std::string_view flavour_of(std::string_view release);

/// Every complete build among `packages`, each release and version once, newest first. A
/// linux-image of at most 1 MB is only a metapackage: then linux-binary, linux-modules and
/// linux-base of the same version must all be there. Pure.
std::vector<Build> all_builds(const std::vector<Package>& packages);

/// Those of a series ("6.12") and flavour ("cloud-amd64") that are signed, newest first. Pure.
std::vector<Build> find_builds(const std::vector<Package>& packages, const std::string& series,
                               const std::string& flavour);

/// Whether a package is a part of a kernel, or a metapackage named like one. Pure.
bool is_kernel_package(std::string_view name);

} // namespace nflab::kernel

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/kernel/catalogue.hpp"
#include "harness/kernel/kernel.hpp"

#include <string>
#include <vector>

/// The packages that modules for a Debian kernel are built with: its headers, and the compiler that
/// these ask for, out of the kernel's own suite.
namespace nflab::kernel {

struct Headers {
    std::vector<Package> packages;
    Toolchain toolchain;
    std::vector<std::string> notices;
};

/// As the lock (images/headers.lock.yaml) has it; for a kernel that is not in there, looked up in
/// the mirror's indexes, once. Throws Error(bad_input) for a kernel that is no Debian package,
/// Error(lab) when the mirror fails.
Headers find_headers(const Kernel& kernel, const Progress& progress);

/// Rewrites images/headers.lock.yaml for the kernels of images/kernels.lock.yaml. What is locked
/// for the same kernel already stays. Throws Error(lab) when the file cannot be written.
std::vector<Change> update_headers(const Progress& progress);

/// "trixie" for "trixie-security" and "trixie-backports". Pure.
std::string base_suite(const std::string& suite);

/// Package names of a Depends field that a build needs from the distribution: the first alternative
/// of each, without versions, and without the kernel's own packages. Pure.
std::vector<std::string> build_dependencies(const std::string& depends);

/// Names of the headers' packages by Debian's convention, for a kernel that is no longer in the
/// indexes: "linux-headers-6.18.15+deb13-cloud-amd64", "…-common", "linux-kbuild-…". Pure.
std::vector<std::string> conventional_headers(const std::string& release);

} // namespace nflab::kernel

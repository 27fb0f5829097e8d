// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/kernel/package.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace nflab::kernel {

/// One line of images/kernels.yaml: a kernel that people name on the command line.
struct Wanted {
    std::string name;    ///< "6.12"
    std::string series;  ///< "6.12": upstream versions 6.12 and 6.12.*
    std::string flavour; ///< "cloud-amd64", "amd64", "rt-amd64"
};

/// images/kernels.yaml (docs/formats/lock.md).
struct Catalogue {
    std::string default_name;
    std::vector<std::string> suites; ///< code names, of both archives
    std::vector<Wanted> kernels;

    const Wanted* find(const std::string& name) const;
    std::vector<std::string> names() const;
};

/// An entry of images/kernels.lock.yaml.
struct LockedKernel {
    std::string name;
    Build build;
};

/// The packages of a system in which modules can be built: one compiler, make and what they need.
struct Toolchain {
    std::string name; ///< "trixie-gcc-14"
    std::vector<Package> packages;
};

/// The headers of one kernel and the toolchain that goes with them.
struct LockedHeaders {
    std::string release; ///< uname -r
    std::string toolchain;
    std::vector<Package> packages;
};

/// images/headers.lock.yaml.
struct HeadersLock {
    std::vector<Toolchain> toolchains;
    std::vector<LockedHeaders> headers;

    const Toolchain* find_toolchain(const std::string& name) const;
    const LockedHeaders* find_headers(const std::string& release) const;
};

/// All of these throw Error(bad_input) with file, line and column.
Catalogue parse_catalogue(const std::string& text, const std::string& file);
std::vector<LockedKernel> parse_kernel_lock(const std::string& text, const std::string& file);
std::vector<Package> parse_package_lock(const std::string& text, const std::string& file);

HeadersLock parse_headers_lock(const std::string& text, const std::string& file);

/// The text of a lock file; parse of it gives the same values back.
std::string format_kernel_lock(const std::vector<LockedKernel>& kernels);
std::string format_package_lock(const std::vector<Package>& packages);
std::string format_headers_lock(const HeadersLock& lock);

/// Whole content of a text file. Throws Error(bad_input).
std::string read_text(const std::filesystem::path& file);

/// Identifies the content of a set of packages: SHA-256 of their hashes, 32 hex digits.
std::string digest_of(const std::vector<Package>& packages);

} // namespace nflab::kernel

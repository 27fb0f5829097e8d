// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/kernel/mirrors.hpp"
#include "harness/kernel/package.hpp"
#include "harness/kernel/progress.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace nflab::kernel {

/// A state of apt of our own, in the cache: own sources, lists and package database. The host's
/// lists, sources and hooks are not touched; its proxy, authentication and other Acquire settings
/// are honoured, because its apt.conf is still read. Needs no root. Indexes are checked against
/// Debian's archive keys.
class Apt {
  public:
    /// `name` keeps states with different suites apart. Changes nothing yet.
    Apt(const std::string& name, std::vector<std::string> suites);

    /// Fetches the indexes when none are there or they are older than `oldest`. A suite that the
    /// mirror lacks is left out. Throws Error(lab) when no index at all can be had.
    void update(std::chrono::minutes oldest, const Progress& progress) const;

    /// Packages of the indexes that `wanted` accepts by name, of all suites.
    std::vector<Package> packages(const std::function<bool(std::string_view)>& wanted) const;

    /// These packages and everything that they depend on, in the versions that apt would install
    /// on an empty system. Throws Error(lab), quoting apt, when that cannot be had.
    std::vector<Package> closure(const std::vector<std::string>& names) const;

    /// Where the packages are in the cache, in the same order: $cache/debs/<sha256>.deb. What is
    /// missing is fetched and its SHA-256 checked; needs no indexes. A package that the mirror no
    /// longer has is an empty path. Throws Error(lab) when the mirror cannot be reached at all.
    std::vector<std::filesystem::path> fetch(const std::vector<Package>& packages,
                                             const Progress& progress) const;

    /// Fetches one package to `file`, outside the cache, and checks its SHA-256; needs no indexes.
    /// False when the mirror no longer has it. Throws Error(lab) when the mirror cannot be reached.
    /// May be called by several threads for different files.
    bool download(const Package& package, const std::filesystem::path& file) const;

    /// Size and SHA-256 of a package that the indexes no longer list and the mirror still has, and
    /// fetches it. No signature covers that hash. Nothing when the mirror does not have it.
    std::optional<Package> measure(const Package& package, const Progress& progress) const;

  private:
    void download(const std::vector<const Package*>& packages,
                  const std::vector<std::filesystem::path>& files) const;
    std::vector<std::string> command(const std::string& program) const;
    void write_configuration() const;

    std::filesystem::path directory_;
    std::vector<std::string> suites_;
};

/// File names, sizes and hashes of `apt-get install --print-uris` output, one line each:
/// 'URI' name_version_arch.deb size SHA256:hash. Package names and versions are taken from the file
/// names; the suite is the first of `suites` that its archive serves. Lines of other shape are left
/// out. Pure.
std::vector<Package> parse_print_uris(std::string_view text, const Mirrors& mirrors,
                                      const std::vector<std::string>& suites);

} // namespace nflab::kernel

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/kernel/package.hpp"
#include "harness/kernel/progress.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// Kernels to test: from the lock file through the package mirror, or handed over by the user.
namespace nflab::kernel {

/// A kernel on disk, unpacked into the cache (or the user's own tree, which is only read).
struct Kernel {
    std::string name;              ///< "6.12", or the path that the user gave
    std::string release;           ///< uname -r, e.g. "6.12.94+deb13-cloud-amd64"
    std::string package;           ///< "linux-image-… 6.12.94-1"; empty for a user's kernel
    std::filesystem::path image;   ///< bzImage
    std::filesystem::path modules; ///< directory that holds kernel/, e.g. …/lib/modules/<release>;
                                   ///< empty: a user's kernel that has everything built in
    std::filesystem::path config;  ///< .config; may be empty
    std::string digest;            ///< identifies the content: key for what is derived from it
    std::vector<Package> packages; ///< what it was unpacked from; empty for a user's kernel
    /// What people must be told when this kernel is used, e.g. that another build stands in for the
    /// locked one.
    std::vector<std::string> notices;
};

struct FindOptions {
    bool locked = false;           ///< a locked build that is gone from the mirror is an error
    std::filesystem::path modules; ///< for a bzImage: where its modules are
};

/// The kernel that `wish` names: empty (the default), a name of images/kernels.yaml, a locked
/// release, or a path: a bzImage, a kernel build tree, or .deb/.rpm files separated by commas. What
/// is missing in the cache is fetched and unpacked. Throws Error(bad_input) for unknown names and
/// unusable files, Error(lab) when the mirror fails.
Kernel find(const std::string& wish, const FindOptions& options, const Progress& progress);

/// What a kernel can do, from its config and modules, never from its version.
/// Names as scenarios use them in `requires:`: iptables-legacy, nft, btf, kprobes, bpf, …
std::vector<std::string> features(const Kernel& kernel);

/// All names that features() can give, for validation.
const std::vector<std::string>& known_features();

/// One line of `nflab kernels list`.
struct Listed {
    std::string name;
    std::string release; ///< empty: not locked yet
    std::string package;
    bool is_default = false;
    bool cached = false; ///< unpacked already
};

std::vector<Listed> list();

/// A lock entry that update() rewrote; `before` is empty for a new one.
struct Change {
    std::string name;
    std::string before;
    std::string after;
};

/// Reads the package indexes anew and rewrites the lock file with the newest build of each kernel
/// of the catalogue; a kernel that is gone from the mirror keeps its entry. Throws Error(lab) when
/// the lock file cannot be written (an installed nflab has none of its own to write to).
std::vector<Change> update(const Progress& progress);

} // namespace nflab::kernel

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

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
    std::string name;                     ///< "6.12", or the path that the user gave
    std::string release;                  ///< uname -r, e.g. "6.12.94+deb13-cloud-amd64"
    std::string package;                  ///< "linux-image-… 6.12.94-1"; empty for a user's kernel
    std::filesystem::path image;          ///< bzImage
    std::filesystem::path modules;        ///< directory that holds kernel/, e.g. …/lib/modules/<release>
    std::filesystem::path config;         ///< .config; may be empty
    std::string digest;                   ///< identifies the content: key for what is derived from it
};

/// What a kernel can do, from its config and modules, never from its version.
/// Names as scenarios use them in `requires:`: iptables-legacy, nft, btf, kprobes, bpf, …
std::vector<std::string> features(const Kernel& kernel);

} // namespace nflab::kernel

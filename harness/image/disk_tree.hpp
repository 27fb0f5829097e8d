// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/kernel/kernel.hpp"

#include <filesystem>
#include <string>

namespace nflab::image {

/// Label of the exported disk's file system, by which its initramfs finds it on whatever bus.
inline constexpr auto disk_label = "nflab";

/// Puts together in `stage` what an exported disk holds: the guest root, the kernel with all of its
/// modules, an initramfs that finds the root, /usr/sbin/init, extlinux' configuration, our guest
/// programs. Throws Error.
void stage_disk(const std::filesystem::path& root_tree, const kernel::Kernel& kernel,
                const std::filesystem::path& stage);

/// The initramfs of the exported disk: loads disk drivers, mounts the root by its label and starts
/// its init. Made of the guest root's own programs. Throws Error.
std::string disk_initramfs(const std::filesystem::path& root_tree, const kernel::Kernel& kernel);

/// Writes a directory as a tar file in which everything belongs to root. Throws Error(lab).
void write_tar(const std::filesystem::path& directory, const std::filesystem::path& file);

} // namespace nflab::image

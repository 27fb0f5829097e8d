// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/kernel/kernel.hpp"

#include <filesystem>

namespace nflab::image {

/// What is derived from one kernel, in the cache.
struct KernelImages {
    std::filesystem::path kernel;    ///< PVH vmlinux where possible, else the bzImage
    std::filesystem::path initramfs; ///< the kernel's part of it; see initramfs.hpp
    std::filesystem::path modules;   ///< erofs with lib/modules/<release>
};

/// `faithful`: the bzImage, and modules with their signatures. Throws Error(bad_input) when the
/// kernel lacks a driver that every guest needs.
KernelImages kernel_images(const kernel::Kernel& kernel, bool faithful,
                           const kernel::Progress& progress);

} // namespace nflab::image

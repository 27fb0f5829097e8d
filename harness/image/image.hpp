// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/kernel/kernel.hpp"
#include "harness/plan/plan.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

/// What a guest boots from. Everything is made in the cache, once, and is the same bytes for the
/// same input (docs/images.md).
namespace nflab::image {

/// The guest root: one for all kernels.
struct Root {
    std::filesystem::path tree;       ///< as a directory: userland of netns nodes
    std::filesystem::path image;      ///< as an erofs
    std::string digest;               ///< SHA-256 of the erofs, 64 hex digits
    std::vector<std::string> notices; ///< what people must be told, e.g. newer packages
};

/// Makes the guest root unless the cache has it. Needs no root. With `locked`, a package that is
/// gone from the mirror is an error; else the whole set is resolved anew, with a notice. Throws
/// Error(lab).
Root root(bool locked, const kernel::Progress& progress);

/// The same, made once more in `directory` (which is created), whatever the cache holds.
Root build_root_in(const std::filesystem::path& directory, const kernel::Progress& progress);

/// Resolves the package list anew and rewrites images/root.lock.yaml. Returns lines "name old ->
/// new".
std::vector<std::string> update_root_lock(const kernel::Progress& progress);

/// All that a guest with this kernel boots from; makes what the cache lacks. `smp`: a guest will
/// have more than one processor. The kernel's notices
/// and the root's are told through `progress` by those who found them. Throws Error(bad_input) when
/// the kernel cannot be a guest's (no virtio, erofs or overlay), Error(lab) otherwise.
plan::BootFiles prepare(const kernel::Kernel& kernel, scenario::Boot boot,
                        const kernel::Progress& progress, bool smp = false);

struct ExportOptions {
    std::uint64_t size_mib = 1024; ///< of the whole disk
    bool use_kvm = false;          ///< whether KVM is known to work: for libguestfs' appliance
};

/// Writes guest root, kernel and modules as a disk that boots by itself on a PC with a BIOS: qcow2,
/// MBR, one ext4 partition, extlinux. Console on ttyS0 and tty1: a root shell without a login.
/// Throws Error(bad_input) when the file exists or is no place to write to, Error(lab) when
/// libguestfs fails.
void export_disk(const std::filesystem::path& file, const kernel::Kernel& kernel,
                 const ExportOptions& options, const kernel::Progress& progress);

} // namespace nflab::image

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace nflab::image {

/// The uncompressed kernel out of a bzImage, when QEMU can start it directly: an x86-64 ELF file
/// with the Xen note 18 (XEN_ELFNOTE_PHYS32_ENTRY, xen/include/public/elfnote.h), which names the
/// PVH entry point. Saves the guest its own decompression. Nothing when the image is none, is
/// compressed in a way that libarchive does not know, or has no such note. Pure.
std::optional<std::string> pvh_vmlinux(std::string_view bzimage);

/// Whether an ELF file has the PVH entry note. Pure.
bool has_pvh_entry(std::string_view elf);

} // namespace nflab::image

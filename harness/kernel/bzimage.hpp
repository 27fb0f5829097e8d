// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

/// The Linux/x86 boot protocol's file format (Documentation/arch/x86/boot.rst). Pure.
namespace nflab::kernel {

/// Whether the bytes are a bzImage of boot protocol 2.08 or later (Linux 2.6.26).
bool is_bzimage(std::string_view image);

/// uname -r as the header's version string says; empty when it says nothing.
std::string bzimage_release(std::string_view image);

/// The compressed kernel inside; empty when the header's offsets lead out of the file.
std::string_view bzimage_payload(std::string_view image);

} // namespace nflab::kernel

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace nflab::lab {

/// "VmRSS" of a /proc/<pid>/status, in KiB; 0 when it has none.
std::uint64_t resident_kib(std::string_view status);

/// Resident memory of each domain's QEMU in KiB, by domain name, through the pid files that
/// libvirt's driver keeps below its root.
std::map<std::string, std::uint64_t> guest_memory(const std::filesystem::path& libvirt_root);

} // namespace nflab::lab

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

/// A node's console as the file that QEMU writes.
namespace nflab::lab {

/// Its size in bytes; 0 while there is none.
std::uintmax_t console_size(const std::filesystem::path& file);

/// Its last bytes, at most `limit`; empty while there is none.
std::string console_tail(const std::filesystem::path& file, std::size_t limit = 32768);

} // namespace nflab::lab

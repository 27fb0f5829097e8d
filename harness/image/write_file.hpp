// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <filesystem>
#include <string_view>

namespace nflab::image {

/// Writes the whole file, and its directory where there is none. Throws Error(lab) when it cannot.
void write_file(const std::filesystem::path& file, std::string_view content);

} // namespace nflab::image

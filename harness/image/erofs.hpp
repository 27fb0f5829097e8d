// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <filesystem>

namespace nflab::image {

/// Writes a directory as an uncompressed erofs: fixed times and UUID, everything root's, no
/// extended attributes; the same tree gives the same bytes. Throws Error(lab) when mkfs.erofs is
/// missing or fails.
void make_erofs(const std::filesystem::path& tree, const std::filesystem::path& image);

} // namespace nflab::image

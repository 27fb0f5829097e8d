// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace nflab::test {

/// Writes a .deb with these files (path -> content) and symbolic links (path -> target).
void make_deb(const std::filesystem::path& file, const std::map<std::string, std::string>& files,
              const std::map<std::string, std::string>& links);

std::string compress_xz(const std::string& bytes);

} // namespace nflab::test

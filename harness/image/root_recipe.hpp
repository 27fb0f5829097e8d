// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace nflab::image {

/// images/root.yaml: what the guest root is made of (docs/images.md).
struct RootRecipe {
    std::vector<std::string> suites;
    std::vector<std::string> packages;        ///< asked for; dependencies come with them
    std::set<std::string> without;            ///< dependencies that nothing in a guest needs
    std::vector<std::string> prune;           ///< folders that are left out
    std::vector<std::string> directories;     ///< made empty: mount points
    std::map<std::string, std::string> links; ///< path -> target: what postinst scripts would do
    std::map<std::string, std::string> files; ///< path -> content
};

/// Throws Error(bad_input) with file, line and column.
RootRecipe parse_root_recipe(const std::string& text, const std::string& file);

/// Where a package's path goes in the merged-/usr root; nothing: it is pruned. Pure.
std::optional<std::filesystem::path> place_in_root(const RootRecipe& recipe,
                                                   const std::string& path);

} // namespace nflab::image

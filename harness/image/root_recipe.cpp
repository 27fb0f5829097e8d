// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/image/root_recipe.hpp"

#include "harness/base/error.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>

namespace nflab::image {

namespace {

template <typename T>
T get(const YAML::Node& root, const char* key, const std::string& file) {
    const YAML::Node node = root[key];
    const YAML::Mark mark = node ? node.Mark() : root.Mark();
    try {
        if (node)
            return node.as<T>();
    } catch (const YAML::Exception&) {
        throw Error(Failure::bad_input, fmt::format("{}:{}:{}: '{}' has the wrong shape", file,
                                                    mark.line + 1, mark.column + 1, key));
    }
    throw Error(Failure::bad_input, fmt::format("{}:{}:{}: '{}' is missing", file, mark.line + 1,
                                                mark.column + 1, key));
}

bool is_at_or_below(const std::string& path, const std::string& folder) {
    return path.rfind(folder, 0) == 0 &&
           (path.size() == folder.size() || path[folder.size()] == '/');
}

} // namespace

RootRecipe parse_root_recipe(const std::string& text, const std::string& file) {
    YAML::Node root;
    try {
        root = YAML::Load(text);
    } catch (const YAML::Exception& error) {
        throw Error(Failure::bad_input, fmt::format("{}:{}:{}: {}", file, error.mark.line + 1,
                                                    error.mark.column + 1, error.msg));
    }
    RootRecipe recipe;
    using Words = std::vector<std::string>;
    using Texts = std::map<std::string, std::string>;
    recipe.suites = get<Words>(root, "suites", file);
    recipe.packages = get<Words>(root, "packages", file);
    const auto without = get<Words>(root, "without", file);
    recipe.without = {without.begin(), without.end()};
    recipe.prune = get<Words>(root, "prune", file);
    recipe.directories = get<Words>(root, "directories", file);
    recipe.links = get<Texts>(root, "links", file);
    recipe.files = get<Texts>(root, "files", file);
    return recipe;
}

std::optional<std::filesystem::path> place_in_root(const RootRecipe& recipe,
                                                   const std::string& path) {
    // Bookworm's packages still ship /bin, /sbin and /lib*; in the root these are links to /usr.
    constexpr std::array merged = {"bin", "sbin", "lib", "lib32", "lib64", "libx32"};
    const bool moved = std::any_of(merged.begin(), merged.end(), [&](const char* folder) {
        return is_at_or_below(path, folder);
    });
    const std::string place = moved ? "usr/" + path : path;
    const bool pruned =
        std::any_of(recipe.prune.begin(), recipe.prune.end(),
                    [&](const std::string& folder) { return is_at_or_below(place, folder); });
    if (pruned)
        return {};
    return place;
}

} // namespace nflab::image

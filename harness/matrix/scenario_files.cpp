// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/matrix/scenario_files.hpp"

#include "harness/base/error.hpp"
#include "harness/scenario/include.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace nflab::matrix {
namespace fs = std::filesystem;

namespace {

bool is_left_out(const fs::path& path) {
    const std::string name = path.filename().string();
    return name.starts_with('.') || name.ends_with(scenario::part_suffix);
}

std::vector<fs::path> below(const fs::path& folder) {
    std::vector<fs::path> files;
    try {
        for (auto entry = fs::recursive_directory_iterator(folder);
             entry != fs::recursive_directory_iterator(); ++entry) {
            if (is_left_out(entry->path())) {
                entry.disable_recursion_pending();
                continue;
            }
            const fs::path extension = entry->path().extension();
            if (entry->is_regular_file() && (extension == ".yaml" || extension == ".yml"))
                files.push_back(entry->path());
        }
    } catch (const fs::filesystem_error& error) {
        throw Error(Failure::bad_input, fmt::format("cannot look into the folder {}: {}",
                                                    folder.string(), error.code().message()));
    }
    std::sort(files.begin(), files.end());
    return files;
}

} // namespace

std::vector<std::string> scenario_files(const std::vector<std::string>& arguments) {
    std::vector<std::string> files;
    std::set<fs::path> seen;
    const auto add = [&](const fs::path& file) {
        if (seen.insert(file.lexically_normal()).second)
            files.push_back(file.string());
    };
    for (const std::string& argument : arguments) {
        std::error_code ignored;
        if (!fs::is_directory(argument, ignored)) {
            add(argument);
            continue;
        }
        const std::vector<fs::path> found = below(argument);
        if (found.empty())
            throw Error(Failure::bad_input,
                        fmt::format("the folder {} holds no scenario", argument),
                        "scenarios are files that end in .yaml");
        for (const fs::path& file : found)
            add(file);
    }
    return files;
}

} // namespace nflab::matrix

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/diagnostic.hpp"
#include "harness/scenario/model.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Scenario files to checked scenarios (docs/scenarios.md).
namespace nflab::scenario {

/// What asking for a file gave: its text, or why there is none ("no such file").
struct FileContent {
    std::optional<std::string> text;
    std::string problem;
};
using FileReader = std::function<FileContent(const std::string& path)>;

struct ReadResult {
    std::optional<Scenario> scenario; ///< only when there are no problems
    std::vector<Scenario> others;     ///< of a file with `with`: after the first, in its order
    std::vector<Diagnostic> problems; ///< in the order of the file
};

/// Reads and checks a scenario. Pure but for `files`, which is asked for the parts and rulesets
/// that the scenario names, their relative paths put behind the folder of the file that names them.
/// Never throws for what the text holds.
ReadResult read(std::string_view text, const std::string& file_name, const FileReader& files);

/// Reads a regular file of at most largest_file bytes.
FileContent read_text_file(const std::string& path);

/// Reads a scenario from disk. Throws Error(bad_input) with all that is wrong, one line each.
Scenario load(const std::filesystem::path& path);

/// All that `with` makes of the file: at least one. Throws as load does.
std::vector<Scenario> load_all(const std::filesystem::path& path);

/// Those with the given values of parameters. Throws Error(bad_input) when a name or value is in
/// none of them, and when no combination is left.
std::vector<Scenario> choose(const std::vector<Scenario>& scenarios,
                             const std::vector<std::pair<std::string, std::string>>& values);

} // namespace nflab::scenario

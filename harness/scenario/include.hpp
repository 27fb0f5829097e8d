// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/document.hpp"
#include "harness/scenario/problems.hpp"
#include "harness/scenario/reader.hpp"

#include <optional>
#include <string>
#include <vector>

/// Scenarios that are made of several files.
namespace nflab::scenario {

/// How the name of every included file ends, so that a folder of scenarios can hold parts as well.
constexpr std::string_view part_suffix = ".part.yaml";

struct SourceFile {
    std::string name; ///< as asked for: behind the folder of the file that includes it
    std::string text;
};

/// Parses a scenario and puts in what its `include` names, and what that includes in turn. What
/// includes comes after, and wins: mappings are merged key by key; `steps`, `requires` and
/// `include` are joined; of anything else the later one counts. Fills `sources` with every file
/// that was read, in the order of Position::file. Nothing when the scenario itself is unfit.
std::optional<Value> parse_with_includes(std::string_view text, Problems& problems,
                                         const FileReader& files, std::vector<SourceFile>& sources);

} // namespace nflab::scenario

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace nflab::matrix {

/// The scenario files that a person means by these arguments, each once, in the order given: a file
/// is itself; a folder is every .yaml and .yml file below it, by name, but for parts that scenarios
/// include (scenario::part_suffix) and for files and folders whose name begins with '.'.
/// Throws Error(bad_input) for a folder without any. Files that do not exist are left to the
/// reader.
std::vector<std::string> scenario_files(const std::vector<std::string>& arguments);

} // namespace nflab::matrix

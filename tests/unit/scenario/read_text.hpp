// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/reader.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace nflab::test {

/// A file of the source tree.
std::filesystem::path source_file(const std::string& name);

/// The whole of a file that must exist.
std::string content_of(const std::filesystem::path& path);

/// The first lines of a scenario: the networks lan and wan, the nodes client, router (a
/// traced vm) and server, no steps: what is to be tested goes behind it.
std::string topology();

/// Reads a scenario that names no file.
scenario::ReadResult read(const std::string& text);

/// The problems as `nflab validate` prints them, without the file's name.
std::vector<std::string> messages(const scenario::ReadResult& result);

/// Reads a scenario that must be good.
scenario::Scenario must_read(const std::string& text);

} // namespace nflab::test

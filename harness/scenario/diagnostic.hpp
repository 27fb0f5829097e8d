// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/model.hpp"

#include <string>
#include <string_view>
#include <vector>

/// What is wrong with an input file, for the person who wrote it.
namespace nflab::scenario {

struct Diagnostic {
    std::string file;    ///< as the user named it
    Position where;      ///< columns count characters, not bytes
    std::string message; ///< what was wrong
    std::string hint;    ///< what would be right; may be empty
};

/// "file:line:column: what was wrong; what would be right", without a line end.
std::string to_string(const Diagnostic& problem);

/// to_string, then the line of `text` (the file's content) that it is about, with a caret below.
/// No line end at the end. Only the first line when `text` has no such line.
std::string show(const Diagnostic& problem, std::string_view text);

/// The text on one line: control characters as escapes, and cut off where it becomes too long to
/// read. What people wrote stands in messages, and that can be anything.
std::string readable(std::string_view text);

/// Orders by file, then by position; what was found first stays first at the same position.
void sort(std::vector<Diagnostic>& problems);

} // namespace nflab::scenario

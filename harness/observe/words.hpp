// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/observe/observe.hpp"

#include <string>
#include <string_view>
#include <vector>

/// Texts taken apart, and put into words for people.
namespace nflab::observe {

/// The lines of a text, each without white space at its ends; empty ones are left out.
std::vector<std::string> lines_of(std::string_view text);

/// Without white space at the ends, and with single blanks within.
std::string collapsed(std::string_view text);

/// "3 lines", "1 line", "no line".
std::string how_many(std::size_t number, std::string_view what);

/// The first few of them on one line, and how many more there are; `nothing` when there are none.
std::string some_of(const std::vector<std::string>& items, std::string_view nothing,
                    std::size_t most = 6);

/// Why there is no answer: what went wrong in the program; empty when nothing did.
std::string failure(const Answer& answer);

} // namespace nflab::observe

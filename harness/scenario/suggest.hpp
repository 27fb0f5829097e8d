// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Help for people who mistyped a word.
namespace nflab::scenario {

/// Insertions, deletions, replacements and swaps of neighbours that make `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// "did you mean 'x'?" when a known word is near, upper and lower case being the same, or has
/// `word` as a part; "did you mean 'x-a' or 'x-b'?" for words that go on after `word` and a '-';
/// else "known: a, b, c"; empty when nothing is known.
std::string suggest(std::string_view word, const std::vector<std::string>& known);

} // namespace nflab::scenario

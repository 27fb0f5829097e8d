// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Help for people who mistyped a word.
namespace nflab::scenario {

/// Insertions, deletions, replacements and swaps of neighbours that make `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// "did you mean 'x'?" when one of the known words is near or has `word` as a whole part
/// ("iptables" of "iptables-legacy"), else "known: a, b, c"; empty when nothing is known.
std::string suggest(std::string_view word, const std::vector<std::string>& known);

} // namespace nflab::scenario

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/diagnostic.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nflab::scenario {

struct Formatted {
    std::optional<std::string> text; ///< only when there are no problems
    std::vector<Diagnostic> problems;
};

/// The text of a scenario in nflab's own layout: indented by two, lists below their key, the file's
/// keys in the order of docs/scenarios.md, mappings and lists in braces and brackets where they
/// stood so and fit into 100 columns, one blank line where there were some. Comments, quotes and
/// the text of block scalars stay. The same text when it is formatted already.
/// Anchors, aliases, tags and scalars over several lines that are no block scalars are problems:
/// they are nobody's to rearrange. The result holds the same values as the text, which is checked.
/// Pure.
Formatted format(std::string_view text);

} // namespace nflab::scenario

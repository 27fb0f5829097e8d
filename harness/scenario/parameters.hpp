// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/document.hpp"
#include "harness/scenario/problems.hpp"

#include <string>
#include <utility>
#include <vector>

/// `with`: one scenario, run with several values.
namespace nflab::scenario {

/// One value for each parameter.
struct Choice {
    std::vector<Entry> values;

    /// For people and for names: a value that is not a scalar in YAML's flow style.
    std::vector<std::pair<std::string, std::string>> texts() const;
};

/// More combinations than this are refused.
constexpr std::size_t most_variants = 100;

/// Takes `with` out of the document and gives its combinations, in the order of the file, the last
/// parameter changing fastest; a single empty one where there is no `with`.
std::vector<Choice> take_choices(Value& document, Problems& problems);

/// The document with `$(name)` replaced, in keys and in scalars. A scalar that is nothing but
/// `$(name)` becomes the value itself, whatever its kind. What stands in `$(…)` and is no parameter
/// is left alone: it is the shell's.
Value substitute(const Value& document, const Choice& choice, Problems& problems);

} // namespace nflab::scenario

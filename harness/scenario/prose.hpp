// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/whole_document.hpp"

#include <cstddef>
#include <string>
#include <vector>

/// A scenario in sentences, for people who do not know its keys. Pure.
namespace nflab::scenario {

/// A checked scenario in English: the lab, and of each step what is done and what is expected.
/// Lines of at most `columns` characters but where one word is longer.
std::string prose(const WholeDocument& scenario, std::size_t columns = 100);

/// Keys of the language, as "node.memory" or, for a key with choices, "node.kind=vm", that have no
/// words in prose(): it then shows key and value as they are. Empty, which a test sees to.
std::vector<std::string> keys_without_words();

} // namespace nflab::scenario

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>
#include <string_view>

namespace nflab::scenario {

/// Words for a key: "{}" stands for the value.
struct KeyWords {
    std::string_view object; ///< Object::id
    std::string_view key;
    std::string_view value; ///< only for this one; empty: for any
    std::string_view words; ///< empty: the sentence is built around it (prose.cpp)
};

/// In the order in which a sentence has them.
std::span<const KeyWords> key_words();

/// Whether the keys of an object say enough as they are: "ttl 3".
bool speaks_for_itself(std::string_view object);

} // namespace nflab::scenario

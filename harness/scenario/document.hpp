// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/diagnostic.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// YAML as a plain tree with positions, safe to walk whatever the file held.
namespace nflab::scenario {

struct Entry;

struct Value {
    enum class Kind { null, scalar, sequence, map };

    Kind kind = Kind::null;
    Position where;     ///< columns count bytes
    std::string text;   ///< scalar
    bool plain = true;  ///< scalar: written without quotes, so it may be a number or a word
    bool block = false; ///< scalar: written with | or >, so it starts on the line below
    std::vector<Value> items;
    std::vector<Entry> entries; ///< in the file's order, every key once

    const Value* find(std::string_view key) const;
};

struct Entry {
    std::string key;
    Position where;
    Value value;
};

/// More values than this, aliases counted as often as they are used, are refused; so is deeper
/// nesting. The largest scenarios that make sense stay far below both.
constexpr std::size_t most_values = 20'000;
constexpr std::size_t deepest_nesting = 32;

/// Parses one YAML document. Adds what is wrong to `problems` (file name left empty, columns in
/// bytes); without a value there is at least one problem. A key that stands twice is a problem and
/// the first one counts. Every position gets the number `file`. Never throws for what the text
/// holds.
std::optional<Value> parse_document(std::string_view text, std::vector<Diagnostic>& problems,
                                    int file = 0);

/// The value on one line, in YAML's flow style: "{ at: router, count: 3 }".
std::string flow_text(const Value& value);

} // namespace nflab::scenario

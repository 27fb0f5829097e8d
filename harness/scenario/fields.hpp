// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/document.hpp"
#include "harness/scenario/keys.hpp"
#include "harness/scenario/problems.hpp"
#include "harness/scenario/range.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nflab::scenario {

/// A text and where it stands.
struct Text {
    std::string text;
    Position where;
};

/// The texts of a value of Shape::texts; leaves out what is not one.
std::vector<Text> texts_of(const Value& value);

/// "150ms", "2s", "1m"; nothing for anything else, for 0 and for more than an hour.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// A whole number written in decimal and nothing else.
std::optional<long> parse_integer(std::string_view text);

/// One mapping of the file, held against its key table. The constructor reports unknown and missing
/// keys and values of the wrong shape; get() and what builds on it then only give well-shaped
/// values, so that whoever asks need not check again.
class Fields {
  public:
    /// `value` and `object` must outlive this.
    Fields(const Value& value, const Object& object, Problems& problems);

    Position where() const { return value_->where; }
    /// Whether the key stands in the file, its value well-shaped or not.
    bool has(std::string_view name) const { return value_->find(name) != nullptr; }
    /// Whether there is a key that is not in the table: perhaps the one that is missing, mistyped.
    bool has_unknown() const { return has_unknown_; }
    /// The value; null when it is absent or not well-shaped.
    const Value* get(std::string_view name) const;
    /// Where the value stands; where the mapping starts when there is none.
    Position where(std::string_view name) const;

    std::string text(std::string_view name) const; ///< empty without it
    std::optional<int> integer(std::string_view name) const;
    bool flag(std::string_view name) const; ///< false without it
    std::optional<std::chrono::milliseconds> duration(std::string_view name) const;
    std::optional<Range> range(std::string_view name) const;
    std::vector<Text> texts(std::string_view name) const;
    const std::vector<Entry>& entries(std::string_view name) const; ///< of a map
    const std::vector<Value>& items(std::string_view name) const;   ///< of a list

  private:
    const Value* value_;
    std::vector<const Entry*> good_;
    bool has_unknown_ = false;
};

} // namespace nflab::scenario

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace nflab::probesite {

using ValueId = std::uint32_t;

/// What a register or stack slot holds, as far as it can be told from the code.
struct Value {
    enum class Kind : std::uint8_t {
        argument, ///< `number`-th of the function
        stack,    ///< address: rsp at entry + `number`
        constant, ///< `number`
        offset,   ///< value `a` + `number`
        sum,      ///< value `a` + value `b`
        load,     ///< `size` bytes at address `a`, zero-extended, by instruction `where`
        low,      ///< the low `size` bytes of `a`, zero-extended
        computed, ///< by instruction `where` out of `a`
        unknown,  ///< what instruction `where` left in location `number`
        phi,      ///< what location `number` holds on entering block `where`
    };
    Kind kind = Kind::unknown;
    std::uint8_t size = 8;
    ValueId a = 0;
    ValueId b = 0;
    std::uint32_t where = 0;
    std::int64_t number = 0;
    // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 misreads defaulted comparisons
    auto operator<=>(const Value&) const = default;
};

/// Numbers values so that equal ones have equal ids.
class ValueTable {
  public:
    ValueId argument(unsigned number);
    ValueId stack(std::int64_t offset);
    ValueId constant(std::int64_t number);
    ValueId offset(ValueId base, std::int64_t distance);
    ValueId sum(ValueId a, ValueId b);
    ValueId load(std::uint8_t size, ValueId address, std::uint32_t where);
    ValueId low(ValueId whole, std::uint8_t size);
    ValueId computed(ValueId from, std::uint32_t where, std::int64_t location);
    ValueId unknown(std::uint32_t where, std::int64_t location);
    ValueId phi(std::uint32_t block, std::int64_t location);

    [[nodiscard]] const Value& operator[](ValueId id) const { return values_[id]; }
    [[nodiscard]] std::size_t size() const { return values_.size(); }
    /// The offset from the entry's rsp, when the value is a stack address.
    [[nodiscard]] std::optional<std::int64_t> as_stack(ValueId id) const;
    [[nodiscard]] std::optional<std::int64_t> as_constant(ValueId id) const;
    /// A value as base + distance; the distance is 0 unless it is an offset.
    struct Based {
        ValueId base;
        std::int64_t distance;
    };
    [[nodiscard]] Based split(ValueId id) const;

  private:
    ValueId intern(const Value& value);

    std::vector<Value> values_;
    std::map<Value, ValueId> ids_;
};

} // namespace nflab::probesite

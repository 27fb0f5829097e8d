// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/probesite/value.hpp"

#include <algorithm>

namespace nflab::probesite {

namespace {

/// Addresses wrap around as the machine's do; signed overflow would not.
std::int64_t plus(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

} // namespace

ValueId ValueTable::intern(const Value& value) {
    const auto [found, fresh] = ids_.emplace(value, static_cast<ValueId>(values_.size()));
    if (fresh) {
        values_.push_back(value);
    }
    return found->second;
}

ValueId ValueTable::argument(unsigned number) {
    return intern({.kind = Value::Kind::argument, .number = number});
}

ValueId ValueTable::stack(std::int64_t offset) {
    return intern({.kind = Value::Kind::stack, .number = offset});
}

ValueId ValueTable::constant(std::int64_t number) {
    return intern({.kind = Value::Kind::constant, .number = number});
}

ValueId ValueTable::offset(ValueId base, std::int64_t distance) {
    if (distance == 0) {
        return base;
    }
    const Value& value = values_[base];
    switch (value.kind) {
    case Value::Kind::stack:
        return stack(plus(value.number, distance));
    case Value::Kind::constant:
        return constant(plus(value.number, distance));
    case Value::Kind::offset:
        return offset(value.a, plus(value.number, distance));
    default:
        return intern({.kind = Value::Kind::offset, .a = base, .number = distance});
    }
}

ValueId ValueTable::sum(ValueId a, ValueId b) {
    if (const auto number = as_constant(a)) {
        return offset(b, *number);
    }
    if (const auto number = as_constant(b)) {
        return offset(a, *number);
    }
    // Constants are kept outermost, so that equal sums become equal values.
    const auto left = split(a);
    const auto right = split(b);
    const auto [low_id, high_id] = std::minmax(left.base, right.base);
    const auto plain = intern({.kind = Value::Kind::sum, .a = low_id, .b = high_id});
    return offset(plain, plus(left.distance, right.distance));
}

ValueId ValueTable::load(std::uint8_t size, ValueId address, std::uint32_t where) {
    return intern({.kind = Value::Kind::load, .size = size, .a = address, .where = where});
}

ValueId ValueTable::low(ValueId whole, std::uint8_t size) {
    if (size >= 8) {
        return whole;
    }
    const Value& value = values_[whole];
    if (value.kind == Value::Kind::constant) {
        const auto mask = (std::uint64_t{1} << (size * 8U)) - 1;
        return constant(static_cast<std::int64_t>(static_cast<std::uint64_t>(value.number) & mask));
    }
    const bool small =
        (value.kind == Value::Kind::load || value.kind == Value::Kind::low) && value.size <= size;
    if (small) {
        return whole;
    }
    return intern({.kind = Value::Kind::low, .size = size, .a = whole});
}

ValueId ValueTable::computed(ValueId from, std::uint32_t where, std::int64_t location) {
    return intern({.kind = Value::Kind::computed, .a = from, .where = where, .number = location});
}

ValueId ValueTable::unknown(std::uint32_t where, std::int64_t location) {
    return intern({.kind = Value::Kind::unknown, .where = where, .number = location});
}

ValueId ValueTable::phi(std::uint32_t block, std::int64_t location) {
    return intern({.kind = Value::Kind::phi, .where = block, .number = location});
}

std::optional<std::int64_t> ValueTable::as_stack(ValueId id) const {
    // No kernel stack is anywhere near as large; beyond it lies only nonsense.
    constexpr std::int64_t most = 1 << 24;
    const Value& value = values_[id];
    const bool near = value.number > -most && value.number < most;
    return value.kind == Value::Kind::stack && near ? std::optional(value.number) : std::nullopt;
}

std::optional<std::int64_t> ValueTable::as_constant(ValueId id) const {
    const Value& value = values_[id];
    return value.kind == Value::Kind::constant ? std::optional(value.number) : std::nullopt;
}

ValueTable::Based ValueTable::split(ValueId id) const {
    const Value& value = values_[id];
    return value.kind == Value::Kind::offset ? Based{value.a, value.number} : Based{id, 0};
}

} // namespace nflab::probesite

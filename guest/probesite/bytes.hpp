// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <type_traits>

namespace nflab::probesite {

/// The little-endian value at an offset, or nothing when it does not lie wholly inside.
template <typename T>
std::optional<T> read_at(std::span<const std::uint8_t> bytes, std::uint64_t offset) {
    static_assert(std::is_trivially_copyable_v<T>);
    if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) {
        return std::nullopt;
    }
    T value;
    std::memcpy(&value, bytes.data() + offset, sizeof(T));
    return value;
}

/// The same; 0 when it does not lie wholly inside.
template <typename T>
T value_at(std::span<const std::uint8_t> bytes, std::uint64_t offset) {
    return read_at<T>(bytes, offset).value_or(T{});
}

/// A part of the bytes, or nothing when it does not lie wholly inside.
inline std::optional<std::span<const std::uint8_t>>
part_of(std::span<const std::uint8_t> bytes, std::uint64_t offset, std::uint64_t size) {
    if (offset > bytes.size() || bytes.size() - offset < size) {
        return std::nullopt;
    }
    return bytes.subspan(offset, size);
}

} // namespace nflab::probesite

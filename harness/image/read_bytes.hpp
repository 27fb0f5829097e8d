// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace nflab::image {

/// Copies a plain structure out of a file's bytes; false, and nothing written, where it does not
/// lie wholly inside them. Pure.
template <typename T>
bool read(std::string_view bytes, std::uint64_t at, T& value) {
    if (at > bytes.size() || bytes.size() - at < sizeof(T))
        return false;
    std::memcpy(&value, bytes.data() + at, sizeof(T));
    return true;
}

} // namespace nflab::image

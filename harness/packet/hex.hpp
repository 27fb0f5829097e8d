// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/packet/layer.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace nflab::packet {

/// Pairs of hexadecimal digits, with spaces, line ends or colons between them as anyone likes.
std::optional<Bytes> from_hex(std::string_view text);

/// Two lower-case digits for each byte.
std::string to_hex(const Bytes& bytes);

} // namespace nflab::packet

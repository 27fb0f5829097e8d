// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/model.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// Places in the text of a file.
namespace nflab::scenario {

/// Largest scenario or ruleset file that is read, in bytes.
constexpr std::size_t largest_file = 1U << 20U;

/// Whether the byte is one of UTF-8's second to fourth bytes of a character.
constexpr bool is_continuation(char byte) {
    return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U;
}

/// Line `number` (from 1) without its line end; empty when there is no such line.
std::string_view line_of(std::string_view text, int number);

/// Line and column, in bytes, of a byte of the text.
Position position_of(std::string_view text, std::size_t offset);

/// Turns a column counted in bytes into one counted in characters. Bytes that are not UTF-8 count
/// as one character each, but for those that would continue one.
Position in_characters(std::string_view text, Position in_bytes);

struct TextFault {
    std::size_t offset = 0; ///< of the first byte that should not be there
    std::string message;
};

/// The first byte that is not well-formed UTF-8 (RFC 3629), or a control character that no text
/// has (anything below U+0020 but tab, line feed and carriage return, and U+007F).
std::optional<TextFault> find_fault(std::string_view text);

} // namespace nflab::scenario

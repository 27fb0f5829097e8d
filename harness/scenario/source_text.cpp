// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/source_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace nflab::scenario {

namespace {

/// Bytes that the character starting at `offset` has; 0 when it is not well formed. The bounds of
/// the second byte keep out overlong forms, surrogates and what lies beyond U+10FFFF.
std::size_t character_size(std::string_view text, std::size_t offset) {
    const auto byte = [&](std::size_t index) -> unsigned {
        return offset + index < text.size() ? static_cast<unsigned char>(text[offset + index]) : 0;
    };
    const unsigned lead = byte(0);
    if (lead < 0x80)
        return 1;
    std::size_t size = 0;
    if (lead >= 0xc2 && lead <= 0xdf)
        size = 2;
    else if (lead >= 0xe0 && lead <= 0xef)
        size = 3;
    else if (lead >= 0xf0 && lead <= 0xf4)
        size = 4;
    else
        return 0;
    const unsigned low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (byte(1) < low || byte(1) > high)
        return 0;
    for (std::size_t index = 2; index < size; ++index) {
        if (byte(index) < 0x80 || byte(index) > 0xbf)
            return 0;
    }
    return size;
}

bool forbidden_control(char byte) {
    const auto code = static_cast<unsigned char>(byte);
    return (code < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || code == 0x7f;
}

} // namespace

std::string_view line_of(std::string_view text, int number) {
    std::size_t start = 0;
    for (int line = 1; line < number; ++line) {
        start = text.find('\n', start);
        if (start == std::string_view::npos)
            return {};
        ++start;
    }
    std::string_view line = text.substr(start, text.find('\n', start) - start);
    if (!line.empty() && line.back() == '\r')
        line.remove_suffix(1);
    return line;
}

Position position_of(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, offset);
    const auto lines = std::count(before.begin(), before.end(), '\n');
    const auto line_end = before.rfind('\n');
    const auto start = line_end == std::string_view::npos ? 0 : line_end + 1;
    return {static_cast<int>(lines) + 1, static_cast<int>(before.size() - start) + 1};
}

Position in_characters(std::string_view text, Position in_bytes) {
    const std::string_view line = line_of(text, in_bytes.line);
    const auto bytes = std::min(line.size(), static_cast<std::size_t>(in_bytes.column - 1));
    const auto inside = std::count_if(line.begin(), line.begin() + static_cast<long>(bytes),
                                      [](char byte) { return is_continuation(byte); });
    return {in_bytes.line, in_bytes.column - static_cast<int>(inside)};
}

std::optional<TextFault> find_fault(std::string_view text) {
    for (std::size_t offset = 0; offset < text.size();) {
        const std::size_t size = character_size(text, offset);
        const unsigned code = static_cast<unsigned char>(text[offset]);
        if (size == 0)
            return TextFault{offset, fmt::format("byte 0x{:02x} is not UTF-8", code)};
        if (size == 1 && forbidden_control(text[offset]))
            return TextFault{offset, fmt::format("control character U+{:04X} in a text", code)};
        offset += size;
    }
    return std::nullopt;
}

} // namespace nflab::scenario

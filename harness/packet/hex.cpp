// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/packet/hex.hpp"

namespace nflab::packet {
namespace {

int digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

} // namespace

std::optional<Bytes> from_hex(std::string_view text) {
    Bytes bytes;
    int high = -1;
    for (const char c : text) {
        const bool between = c == ' ' || c == '\n' || c == '\t' || c == ':';
        if (between && high < 0)
            continue;
        const int value = digit(c);
        if (value < 0)
            return std::nullopt;
        if (high < 0) {
            high = value;
            continue;
        }
        bytes.push_back(static_cast<std::uint8_t>(high << 4 | value));
        high = -1;
    }
    return high < 0 ? std::optional(std::move(bytes)) : std::nullopt;
}

std::string to_hex(const Bytes& bytes) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const std::uint8_t byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 0x0f];
    }
    return text;
}

} // namespace nflab::packet

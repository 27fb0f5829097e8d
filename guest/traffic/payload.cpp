// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/traffic/payload.hpp"

#include <charconv>
#include <cstdio>

namespace nflab::traffic {
namespace {

constexpr std::string_view prefix = "nflab";
constexpr std::size_t digits = 8;
constexpr std::size_t mark_size = prefix.size() + 2 * digits;

std::optional<std::uint32_t> parse_hex(std::string_view text) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

} // namespace

std::string make_payload(Mark mark, std::size_t size) {
    char text[mark_size + 1];
    std::snprintf(text, sizeof(text), "nflab%08x%08x", mark.run, mark.number);
    std::string payload(text, mark_size);
    payload.reserve(size);
    while (payload.size() < size)
        payload.push_back(static_cast<char>('a' + (payload.size() - mark_size) % 26));
    return payload;
}

std::optional<Mark> parse_mark(std::string_view payload) {
    if (payload.size() < mark_size || payload.substr(0, prefix.size()) != prefix)
        return std::nullopt;
    const auto run = parse_hex(payload.substr(prefix.size(), digits));
    const auto number = parse_hex(payload.substr(prefix.size() + digits, digits));
    if (!run || !number)
        return std::nullopt;
    return Mark{*run, *number};
}

} // namespace nflab::traffic

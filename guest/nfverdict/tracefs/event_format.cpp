// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/tracefs/event_format.hpp"

#include "harness/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

namespace nflab::nfverdict {
namespace {

// The number behind "offset:" or the like.
std::optional<std::size_t> value_of(std::string_view line, std::string_view key) {
    const auto at = line.find(key);
    if (at == std::string_view::npos)
        return {};
    const std::string_view rest = line.substr(at + key.size());
    std::size_t value = 0;
    const auto parsed = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    return parsed.ec == std::errc{} ? std::optional(value) : std::nullopt;
}

// "u64 bytes[16]" is called "bytes".
std::string_view name_of_declaration(std::string_view declaration) {
    declaration = declaration.substr(0, declaration.find('['));
    // "__data_loc char[] name" has its brackets before the name.
    return declaration.substr(declaration.rfind(' ') + 1);
}

} // namespace

EventFormat::EventFormat(std::string_view text) {
    constexpr std::string_view field = "field:";
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (line.starts_with("ID: "))
            id_ = static_cast<std::uint16_t>(value_of(line, "ID: ").value_or(0));
        const auto begin = line.find(field);
        const auto end = line.find(';');
        const auto offset = value_of(line, "offset:");
        const auto size = value_of(line, "size:");
        if (begin == std::string_view::npos || end == std::string_view::npos || !offset || !size)
            continue;
        std::string_view declaration =
            line.substr(begin + field.size(), end - begin - field.size());
        if (declaration.starts_with("__data_loc"))
            declaration = declaration.substr(declaration.rfind(' ') + 1);
        fields_.emplace(name_of_declaration(declaration), Field{*offset, *size});
    }
    if (id_ == 0 || fields_.empty())
        throw Error(Failure::lab, "the format of a trace event cannot be read");
}

std::span<const std::uint8_t> EventFormat::bytes(std::span<const std::uint8_t> event,
                                                 std::string_view field) const {
    const auto found = fields_.find(field);
    if (found == fields_.end() || found->second.offset + found->second.size > event.size())
        return {};
    return event.subspan(found->second.offset, found->second.size);
}

std::uint64_t EventFormat::number(std::span<const std::uint8_t> event,
                                  std::string_view field) const {
    std::uint64_t value = 0;
    const auto from = bytes(event, field);
    std::memcpy(&value, from.data(), std::min(from.size(), sizeof(value)));
    return value;
}

std::string EventFormat::text(std::span<const std::uint8_t> event, std::string_view field) const {
    constexpr unsigned half = 16;
    constexpr std::string_view unreadable = "(fault)";
    const std::uint64_t where = number(event, field); // length << 16 | offset
    const std::size_t offset = where & 0xffff;
    const std::size_t length = where >> half & 0xffff;
    if (offset + length > event.size())
        return {};
    const char* begin = reinterpret_cast<const char*>(event.data() + offset);
    std::string text(begin, ::strnlen(begin, length));
    return text == unreadable ? std::string() : text;
}

} // namespace nflab::nfverdict

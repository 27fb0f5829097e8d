// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/range.hpp"

#include <charconv>

namespace nflab::scenario {
namespace {

std::optional<std::uint64_t> number(std::string_view text) {
    while (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.begin(), text.end(), value);
    if (text.empty() || error != std::errc{} || end != text.end())
        return std::nullopt;
    return value;
}

} // namespace

std::optional<Range> Range::parse(std::string_view text) {
    Range range;
    range.text = text;
    std::optional<std::uint64_t> limit;
    if (text.rfind(">=", 0) == 0) {
        limit = number(text.substr(2));
        range.least = limit.value_or(0);
    } else if (text.rfind("<=", 0) == 0) {
        limit = number(text.substr(2));
        range.most = limit.value_or(0);
    } else if (text.rfind('>', 0) == 0) {
        limit = number(text.substr(1));
        if (limit == range.most)
            return std::nullopt;
        range.least = limit.value_or(0) + 1;
    } else if (text.rfind('<', 0) == 0) {
        limit = number(text.substr(1));
        if (limit == 0U)
            return std::nullopt;
        range.most = limit.value_or(1) - 1;
    } else if (const auto dash = text.find('-'); dash != std::string_view::npos) {
        limit = number(text.substr(0, dash));
        const auto most = number(text.substr(dash + 1));
        if (!most)
            return std::nullopt;
        range.least = limit.value_or(0);
        range.most = *most;
    } else {
        limit = number(text);
        range.least = range.most = limit.value_or(0);
    }
    if (!limit || range.least > range.most)
        return std::nullopt;
    return range;
}

} // namespace nflab::scenario

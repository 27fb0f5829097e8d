// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/observe/words.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace nflab::observe {
namespace {

constexpr std::string_view blanks = " \t\r";
constexpr std::size_t longest_item = 240;

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

} // namespace

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = std::min(text.find('\n', begin), text.size());
        if (const auto line = trimmed(text.substr(begin, end - begin)); !line.empty())
            lines.emplace_back(line);
        begin = end + 1;
    }
    return lines;
}

std::string collapsed(std::string_view text) {
    std::string result;
    for (const char c : text) {
        const bool blank = blanks.find(c) != std::string_view::npos || c == '\n';
        if (!blank)
            result += c;
        else if (!result.empty() && result.back() != ' ')
            result += ' ';
    }
    if (!result.empty() && result.back() == ' ')
        result.pop_back();
    return result;
}

std::string how_many(std::size_t number, std::string_view what) {
    if (number == 0)
        return fmt::format("no {}", what);
    if (number == 1)
        return fmt::format("1 {}", what);
    const bool ies = what.ends_with('y');
    return fmt::format("{} {}{}", number, ies ? what.substr(0, what.size() - 1) : what,
                       ies ? "ies" : "s");
}

std::string some_of(const std::vector<std::string>& items, std::string_view nothing,
                    std::size_t most) {
    if (items.empty())
        return std::string(nothing);
    std::string text;
    for (std::size_t i = 0; i < std::min(items.size(), most); ++i) {
        if (i > 0)
            text += "; ";
        text += items[i].size() > longest_item ? items[i].substr(0, longest_item) + "…" : items[i];
    }
    if (items.size() > most)
        text += fmt::format("; and {} more", items.size() - most);
    return text;
}

std::string failure(const Answer& answer) {
    const auto complaint = lines_of(answer.err);
    const std::string words = complaint.empty() ? "" : ": " + complaint.front();
    if (answer.timed_out)
        return "it did not end in time" + words;
    if (answer.signal != 0)
        return fmt::format("killed by signal {}{}", answer.signal, words);
    if (answer.exit_code != 0)
        return fmt::format("exit code {}{}", answer.exit_code, words);
    return {};
}

} // namespace nflab::observe

// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/observe/finding.hpp"
#include "harness/observe/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

namespace nflab::observe {
namespace {

std::string in_words(const scenario::CommandOutput& wanted, std::optional<int> count) {
    std::string text = fmt::format("exit code {} of `{}`", wanted.exit_code, wanted.command);
    if (wanted.equals)
        text += fmt::format(", which prints \"{}\" and no more", *wanted.equals);
    for (const std::string& part : wanted.has)
        text += fmt::format(", which prints \"{}\"", part);
    for (const std::string& part : wanted.lacks)
        text += fmt::format(", which does not print \"{}\"", part);
    if (!wanted.matches.empty())
        text += fmt::format(", with a line like /{}/", wanted.matches);
    if (count)
        text += ", with " + how_many(static_cast<std::size_t>(*count), "line");
    return text;
}

std::string whole(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos)
        return {};
    return std::string(text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1));
}

// The first thing that is not as it should be; empty when all is.
std::string fault(const scenario::CommandOutput& wanted, const Answer& now,
                  std::optional<int> count) {
    const auto lines = lines_of(now.out);
    for (const std::string& part : wanted.has)
        if (now.out.find(part) == std::string::npos)
            return fmt::format("no \"{}\"", part);
    for (const std::string& part : wanted.lacks)
        if (now.out.find(part) != std::string::npos)
            return fmt::format("there is \"{}\"", part);
    if (wanted.equals && whole(now.out) != whole(*wanted.equals))
        return "another output";
    if (!wanted.matches.empty()) {
        const std::regex expression(wanted.matches);
        if (std::none_of(lines.begin(), lines.end(), [&](const std::string& line) {
                return std::regex_search(line, expression);
            }))
            return fmt::format("no line like /{}/", wanted.matches);
    }
    if (count && lines.size() != static_cast<std::size_t>(*count))
        return how_many(lines.size(), "line");
    return {};
}

} // namespace

Look look_at(const scenario::CommandOutput& wanted) {
    return {{"bash", "-c", wanted.command}, wanted.timeout};
}

Finding examine(const scenario::CommandOutput& wanted, const Answer& now,
                std::optional<int> count) {
    Finding finding;
    finding.expected = in_words(wanted, count);
    if (now.timed_out || now.signal != 0) {
        finding.seen = failure(now);
        return finding;
    }
    const std::string other = fault(wanted, now, count);
    const bool code = now.exit_code == wanted.exit_code;
    finding.holds = code && other.empty() ? Finding::Holds::yes : Finding::Holds::no;
    if (!code)
        finding.seen = now.exit_code == 0 ? "exit code 0" : failure(now);
    else
        finding.seen = fmt::format("{}{}", other.empty() ? "" : other + "; the output is: ",
                                   some_of(lines_of(now.out), "nothing"));
    return finding;
}

} // namespace nflab::observe

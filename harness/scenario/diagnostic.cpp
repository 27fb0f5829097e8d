// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/diagnostic.hpp"

#include "harness/scenario/source_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace nflab::scenario {

std::string to_string(const Diagnostic& problem) {
    return fmt::format("{}:{}:{}: {}{}{}", problem.file, problem.where.line, problem.where.column,
                       problem.message, problem.hint.empty() ? "" : "; ", problem.hint);
}

std::string show(const Diagnostic& problem, std::string_view text) {
    // A longer line would push the caret out of sight.
    constexpr std::size_t widest = 160;
    const std::string_view line = line_of(text, problem.where.line);
    if (line.empty() || line.size() > widest)
        return to_string(problem);
    std::string padding;
    int column = 1;
    for (const char byte : line) {
        if (is_continuation(byte))
            continue;
        if (column++ >= problem.where.column)
            break;
        padding += byte == '\t' ? '\t' : ' ';
    }
    const std::string margin = fmt::format("{:5} | ", problem.where.line);
    const std::string blank(margin.size() - 2, ' ');
    return fmt::format("{}\n{}{}\n{}| {}^", to_string(problem), margin, line, blank, padding);
}

std::string readable(std::string_view text) {
    constexpr std::size_t longest = 400;
    std::string line;
    for (const char byte : text) {
        if (line.size() >= longest && !is_continuation(byte))
            return line + "…";
        if (static_cast<unsigned char>(byte) >= 0x20)
            line += byte;
        else if (byte == '\n')
            line += "\\n";
        else
            line += fmt::format("\\x{:02x}", static_cast<unsigned>(byte));
    }
    return line;
}

void sort(std::vector<Diagnostic>& problems) {
    std::stable_sort(problems.begin(), problems.end(),
                     [](const Diagnostic& a, const Diagnostic& b) {
                         return std::tie(a.file, a.where.line, a.where.column) <
                                std::tie(b.file, b.where.line, b.where.column);
                     });
}

} // namespace nflab::scenario

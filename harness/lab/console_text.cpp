// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/lab/console_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace nflab::lab {
namespace {

// panic() in kernel/panic.c always begins its message so, at a level that `quiet` cannot hide.
constexpr std::string_view panic_words = "Kernel panic - not syncing";
// The registers at the end of a long call trace say less than the lines where it began.
constexpr std::size_t lines_before_panic = 6;

// Skips a CSI sequence (ECMA-48: ESC '[' parameters final) or a two-byte escape at `position`.
std::size_t after_escape(std::string_view text, std::size_t position) {
    ++position;
    if (position < text.size() && text[position] == '[') {
        ++position;
        while (position < text.size() && (text[position] < '@' || text[position] > '~'))
            ++position;
    }
    return std::min(position + 1, text.size());
}

std::string without_time(std::string_view line) {
    if (line.starts_with('[')) {
        const std::size_t end = line.find("] ");
        if (end != std::string_view::npos)
            line.remove_prefix(end + 2);
    }
    return std::string(line);
}

std::string what_happened(Loss loss, const std::string& node, double seconds,
                          std::string_view console) {
    switch (loss) {
    case Loss::panicked: {
        const std::string line = panic_line(console);
        return fmt::format("the kernel of node {} panicked {:.1f} s after its start{}{}", node,
                           seconds, line.empty() ? "" : ": ", line);
    }
    case Loss::exited:
        return fmt::format("the guest of node {} ended by itself {:.1f} s after its start, without "
                           "a panic",
                           node, seconds);
    case Loss::hung:
        return fmt::format("the guest of node {} hangs: no agent answered within {:.1f} s", node,
                           seconds);
    case Loss::silent:
        return fmt::format("the agent of node {} has fallen silent: no answer for {:.1f} s", node,
                           seconds);
    case Loss::agent_ended:
        return fmt::format("the agent of node {} ended {:.1f} s after its start", node, seconds);
    }
    return node;
}

} // namespace

std::vector<std::string> console_lines(std::string_view text) {
    std::vector<std::string> lines(1);
    for (std::size_t i = 0; i < text.size();) {
        const char c = text[i];
        if (c == '\x1b') {
            i = after_escape(text, i);
            continue;
        }
        if (c == '\n')
            lines.emplace_back();
        else if (c == '\t' || static_cast<unsigned char>(c) >= ' ')
            lines.back() += c;
        ++i;
    }
    std::erase_if(lines, [](const std::string& line) {
        return line.find_first_not_of(" \t") == std::string::npos;
    });
    return lines;
}

std::string panic_line(std::string_view console) {
    for (const std::string& line : console_lines(console))
        if (line.find(panic_words) != std::string::npos)
            return without_time(line);
    return {};
}

Loss classify(Loss first, std::string_view console) {
    if (first == Loss::agent_ended)
        return first;
    return panic_line(console).empty() ? first : Loss::panicked;
}

std::string describe(Loss loss, const std::string& node, std::chrono::milliseconds after,
                     std::string_view console, std::size_t line_limit) {
    std::string message =
        what_happened(loss, node, static_cast<double>(after.count()) / 1000.0, console);
    const std::vector<std::string> lines = console_lines(console);
    if (lines.empty())
        return message + (loss == Loss::agent_ended ? "" : "\n  its console stayed empty");
    std::size_t begin = lines.size() - std::min(lines.size(), line_limit);
    const char* heading = loss == Loss::agent_ended ? "it said:" : "the end of its console:";
    const auto panic = std::find_if(lines.begin(), lines.end(), [](const std::string& line) {
        return line.find(panic_words) != std::string::npos;
    });
    if (loss == Loss::panicked && panic != lines.end()) {
        const auto at = static_cast<std::size_t>(panic - lines.begin());
        begin = std::min(begin, at - std::min(at, lines_before_panic));
        heading = "its console around that:";
    }
    message += fmt::format("\n  {}", heading);
    for (std::size_t i = begin; i < std::min(lines.size(), begin + line_limit); ++i)
        message += "\n  | " + lines[i];
    return message;
}

} // namespace nflab::lab

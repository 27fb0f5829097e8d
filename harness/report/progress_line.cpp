// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/report/progress_line.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace nflab::report {
namespace {

std::size_t terminal_columns() {
    winsize size{};
    return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

} // namespace

ProgressLine::ProgressLine()
    : terminal_(::isatty(STDERR_FILENO)), style_(Style::for_output(STDERR_FILENO)) {}

ProgressLine::~ProgressLine() {
    clear();
}

void ProgressLine::phase(const std::string& what) {
    if (what == last_)
        return;
    last_ = what;
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
    std::string line = fmt::format("[{:5.1f} s] {}", seconds, what);
    if (!terminal_) {
        fmt::print(stderr, "{}\n", line);
        return;
    }
    line = line.substr(0, terminal_columns() - 1);
    fmt::print(stderr, "\r\x1b[K{}", style_.faint(line));
    std::fflush(stderr);
    shown_ = true;
}

void ProgressLine::notice(const std::string& message) {
    if (!notices_.insert(message).second)
        return;
    clear();
    fmt::print(stderr, "{} {}\n", style_.warning("note:"), message);
}

void ProgressLine::clear() {
    if (!shown_)
        return;
    fmt::print(stderr, "\r\x1b[K");
    std::fflush(stderr);
    shown_ = false;
}

void SilentProgress::notice(const std::string& message) {
    if (notices_.insert(message).second)
        fmt::print(stderr, "note: {}\n", message);
}

} // namespace nflab::report

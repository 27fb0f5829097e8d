// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/report/style.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

namespace nflab::report {

Style Style::for_output(int fd) {
    const char* no_color = std::getenv("NO_COLOR");
    const char* term = std::getenv("TERM");
    const bool dumb = term && std::string_view(term) == "dumb";
    return Style(::isatty(fd) && !(no_color && *no_color) && !dumb);
}

std::string Style::paint(const char* code, std::string_view text) const {
    return colored_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

} // namespace nflab::report

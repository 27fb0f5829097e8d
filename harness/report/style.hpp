// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace nflab::report {

/// Colours, where the output is a terminal and NO_COLOR (no-color.org) is not set.
class Style {
  public:
    /// Decides for a file descriptor, 1 or 2.
    static Style for_output(int fd);
    static Style plain() { return Style(false); }

    bool colored() const { return colored_; }
    std::string good(std::string_view text) const { return paint("32", text); }
    std::string bad(std::string_view text) const { return paint("31", text); }
    std::string strong(std::string_view text) const { return paint("1", text); }
    std::string faint(std::string_view text) const { return paint("2", text); }
    std::string warning(std::string_view text) const { return paint("33", text); }

  private:
    explicit Style(bool colored) : colored_(colored) {}
    std::string paint(const char* code, std::string_view text) const;
    bool colored_;
};

} // namespace nflab::report

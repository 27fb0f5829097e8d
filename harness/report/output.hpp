// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <fstream>
#include <string>
#include <string_view>

namespace nflab::report {

/// A file, or for "-" standard output, that is written line by line while a run goes on.
class Output {
  public:
    /// Throws Error(bad_input) when the file cannot be made.
    explicit Output(const std::string& path);

    /// Writes and flushes, so that a reader sees it at once. Throws Error(bad_input) when the
    /// bytes cannot be written.
    void write(std::string_view text);

  private:
    std::string path_;
    std::ofstream file_;
};

} // namespace nflab::report

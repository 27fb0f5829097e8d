// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/base/progress.hpp"
#include "harness/report/style.hpp"

#include <chrono>
#include <set>
#include <string>

namespace nflab::report {

/// Progress on standard error: one live line on a terminal, a plain line per phase otherwise.
class ProgressLine : public Progress {
  public:
    ProgressLine();
    ~ProgressLine() override;
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    void phase(const std::string& what) override;
    void notice(const std::string& message) override; ///< the same message only once
    /// Takes the live line away, before something else is printed.
    void clear();

  private:
    bool terminal_;
    Style style_;
    bool shown_ = false;
    std::string last_;
    std::set<std::string> notices_;
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

/// Says nothing, for --json and --quiet; notices still go to standard error.
class SilentProgress : public Progress {
  public:
    void phase(const std::string&) override {}
    void notice(const std::string& message) override;

  private:
    std::set<std::string> notices_;
};

} // namespace nflab::report

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/report/listener.hpp"
#include "harness/report/progress_line.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace nflab::report {

/// The terminal: progress and notices on standard error, steps and cells on standard output.
class Screen : public Listener {
  public:
    void run_begins(const std::vector<CellName>& cells) override;
    void phase(const CellName& cell, const std::string& what) override;
    void notice(const std::string& message) override;
    void step(const CellName& cell, std::size_t number, const step::StepOutcome& outcome) override;
    void cell(const CellName& cell, const step::CellOutcome& outcome) override;

  private:
    void print(const std::string& text);

    ProgressLine line_;
    Style style_ = Style::for_output(1);
    std::size_t cells_ = 0;
    std::size_t ended_ = 0;
};

/// Instead of the screen where standard output holds a document: notices only.
class Whisper : public Listener {
  public:
    void notice(const std::string& message) override;

  private:
    SilentProgress progress_;
};

} // namespace nflab::report

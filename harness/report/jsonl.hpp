// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/report/listener.hpp"

#include <functional>
#include <map>
#include <string_view>

namespace nflab::report {

/// JSON lines (docs/reports.md): one object for each thing that happens, as it happens.
class JsonLines : public Listener {
  public:
    /// `write` is given whole lines, each with its newline.
    explicit JsonLines(std::function<void(std::string_view)> write);

    void run_begins(const std::vector<CellName>& cells) override;
    void phase(const CellName& cell, const std::string& what) override;
    void notice(const std::string& message) override;
    void step(const CellName& cell, std::size_t number, const step::StepOutcome& outcome) override;
    void cell(const CellName& cell, const step::CellOutcome& outcome) override;
    void run_ends() override;

  private:
    std::function<void(std::string_view)> write_;
    std::map<step::CellOutcome::Status, std::size_t> totals_;
};

} // namespace nflab::report

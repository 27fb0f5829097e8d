// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/report/listener.hpp"

#include <functional>
#include <string_view>

namespace nflab::report {

/// TAP, the Test Anything Protocol, version 13 (testanything.org): a test point for each cell, with
/// its steps as subtests before it.
class Tap : public Listener {
  public:
    /// `write` is given whole lines.
    explicit Tap(std::function<void(std::string_view)> write);

    void run_begins(const std::vector<CellName>& cells) override;
    void cell(const CellName& cell, const step::CellOutcome& outcome) override;

  private:
    std::function<void(std::string_view)> write_;
    std::size_t ended_ = 0;
};

} // namespace nflab::report

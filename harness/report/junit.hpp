// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/report/listener.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace nflab::report {

/// JUnit XML: one test suite per cell, one test case per step. Valid by the schemas of Ant and of
/// Jenkins' xUnit plugin, which other CI systems follow.
class JUnit : public Listener {
  public:
    /// `write` is given the whole document when the run ends.
    explicit JUnit(std::function<void(std::string_view)> write);

    void cell(const CellName& cell, const step::CellOutcome& outcome) override;
    void run_ends() override;

  private:
    std::function<void(std::string_view)> write_;
    std::map<std::size_t, std::string> suites_; ///< by the cell's index
};

} // namespace nflab::report

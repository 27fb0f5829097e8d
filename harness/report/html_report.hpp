// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/report/page_data.hpp"

#include <filesystem>

namespace nflab::report {

/// --report DIR: index.html, and the captures as pcapng files below captures/.
class HtmlReport : public Listener {
  public:
    /// Makes the directory. Throws Error(bad_input) when it cannot, or when it holds something else
    /// than an earlier report.
    explicit HtmlReport(std::filesystem::path directory);

    void cell(const CellName& cell, const step::CellOutcome& outcome) override;
    void run_ends() override;

  private:
    std::filesystem::path directory_;
    PageData data_;
};

} // namespace nflab::report

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/report/listener.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <vector>

namespace nflab::report {

/// What the script of the HTML report reads, made as small as it is repetitive: every text stands
/// once in a table, and so does every line of a packet's path. The form belongs to the page that
/// carries it and may change with each version; docs/reports.md names the formats for programs.
class PageData {
  public:
    /// `captures`: the names of the files in which the step's captures were put, in the order of
    /// steps and of their captures.
    void add(const CellName& name, const step::CellOutcome& outcome,
             const std::vector<std::string>& captures = {});

    nlohmann::json document() const;

  private:
    using Json = nlohmann::json;

    std::size_t text(const std::string& text);
    std::size_t row(const verdict::Record& record);
    Json step(const step::StepOutcome& outcome, const std::vector<std::string>& captures,
              std::size_t& next_capture);
    Json groups(const step::StepOutcome& outcome);
    Json group(const step::StepOutcome& outcome, const std::vector<std::size_t>& alike);
    Json mark(const step::StepOutcome& outcome, const verdict::Record& record);

    std::map<std::string, std::size_t> text_numbers_;
    std::vector<std::string> texts_;
    std::map<std::vector<std::size_t>, std::size_t> row_numbers_;
    std::vector<std::vector<std::size_t>> rows_;
    std::map<std::size_t, Json> cells_;         ///< by their index
    std::vector<step::AppliedRuleset> applied_; ///< of the cell's steps up to the present one
};

} // namespace nflab::report

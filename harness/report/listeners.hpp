// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/report/listener.hpp"

#include <memory>
#include <vector>

namespace nflab::report {

/// Several listeners as one, in the order in which they were added.
class Listeners : public Listener {
  public:
    void add(std::unique_ptr<Listener> listener);

    void run_begins(const std::vector<CellName>& cells) override;
    void phase(const CellName& cell, const std::string& what) override;
    void notice(const std::string& message) override;
    void step(const CellName& cell, std::size_t number, const step::StepOutcome& outcome) override;
    void cell(const CellName& cell, const step::CellOutcome& outcome) override;
    void run_ends() override;

  private:
    std::vector<std::unique_ptr<Listener>> all_;
};

} // namespace nflab::report

// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/report/screen.hpp"

#include "harness/report/terminal.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace nflab::report {

void Screen::run_begins(const std::vector<CellName>& cells) {
    cells_ = cells.size();
}

void Screen::phase(const CellName& cell, const std::string& what) {
    line_.phase(cells_ == 1 ? what
                            : fmt::format("{}/{} {}: {}", ended_ + 1, cells_, cell.scenario, what));
}

void Screen::notice(const std::string& message) {
    line_.notice(message);
}

void Screen::step(const CellName&, std::size_t number, const step::StepOutcome& outcome) {
    print(step_text(outcome, number, style_));
}

void Screen::cell(const CellName&, const step::CellOutcome& outcome) {
    ++ended_;
    print(cell_text(outcome, style_));
}

void Screen::print(const std::string& text) {
    line_.clear();
    fmt::print("{}", text);
    std::fflush(stdout);
}

void Whisper::notice(const std::string& message) {
    progress_.notice(message);
}

} // namespace nflab::report

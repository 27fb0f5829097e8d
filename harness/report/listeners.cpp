// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/report/listeners.hpp"

#include <utility>

namespace nflab::report {

void Listeners::add(std::unique_ptr<Listener> listener) {
    all_.push_back(std::move(listener));
}

void Listeners::run_begins(const std::vector<CellName>& cells) {
    for (const auto& each : all_)
        each->run_begins(cells);
}

void Listeners::phase(const CellName& cell, const std::string& what) {
    for (const auto& each : all_)
        each->phase(cell, what);
}

void Listeners::notice(const std::string& message) {
    for (const auto& each : all_)
        each->notice(message);
}

void Listeners::step(const CellName& cell, std::size_t number, const step::StepOutcome& outcome) {
    for (const auto& each : all_)
        each->step(cell, number, outcome);
}

void Listeners::cell(const CellName& cell, const step::CellOutcome& outcome) {
    for (const auto& each : all_)
        each->cell(cell, outcome);
}

void Listeners::run_ends() {
    for (const auto& each : all_)
        each->run_ends();
}

} // namespace nflab::report

// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/report/jsonl.hpp"

#include "harness/report/json.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace nflab::report {
namespace {

using nlohmann::json;
using Status = step::CellOutcome::Status;

// Changes whenever a field changes its meaning or goes away.
constexpr int format_version = 1;

std::string line(const json& object) {
    return dump(object) + '\n';
}

} // namespace

JsonLines::JsonLines(std::function<void(std::string_view)> write) : write_(std::move(write)) {}

void JsonLines::run_begins(const std::vector<CellName>& cells) {
    json names = json::array();
    for (const CellName& cell : cells)
        names.push_back(
            {{"scenario", cell.scenario}, {"file", cell.file}, {"kernel", cell.kernel}});
    write_(line({{"type", "run"},
                 {"nflab", NFLAB_VERSION},
                 {"format", format_version},
                 {"cells", std::move(names)}}));
}

void JsonLines::phase(const CellName& cell, const std::string& what) {
    write_(line({{"type", "phase"}, {"cell", cell.index}, {"phase", what}}));
}

void JsonLines::notice(const std::string& message) {
    write_(line({{"type", "notice"}, {"message", message}}));
}

void JsonLines::step(const CellName& cell, std::size_t number, const step::StepOutcome& outcome) {
    json object = step_object(outcome);
    object.update({{"type", "step"}, {"cell", cell.index}, {"step", number}});
    write_(line(object));
}

void JsonLines::cell(const CellName& cell, const step::CellOutcome& outcome) {
    ++totals_[outcome.status];
    json object = cell_object(outcome);
    object.update({{"type", "cell"}, {"cell", cell.index}, {"steps", outcome.steps.size()}});
    write_(line(object));
}

void JsonLines::run_ends() {
    write_(line({{"type", "end"},
                 {"passed", totals_[Status::passed]},
                 {"failed", totals_[Status::failed]},
                 {"skipped", totals_[Status::skipped]},
                 {"error", totals_[Status::error]}}));
}

} // namespace nflab::report

// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/report/junit.hpp"

#include "harness/base/xml.hpp"
#include "harness/report/terminal.hpp"

#include <fmt/format.h>

namespace nflab::report {
namespace {

double seconds(std::chrono::milliseconds duration) {
    return static_cast<double>(duration.count()) / 1000;
}

std::string case_xml(const step::StepOutcome& step, std::size_t number, const std::string& suite) {
    std::string xml = fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\"",
                                  xml_escape(suite), xml_escape(step.name), seconds(step.duration));
    if (step.passed())
        return xml + "/>\n";
    std::string first;
    for (const step::Check& check : step.checks)
        if (!check.passed && first.empty())
            first = fmt::format("expected {}, seen: {}", check.expected, check.seen);
    return xml + fmt::format(">\n      <failure message=\"{}\">{}</failure>\n    </testcase>\n",
                             xml_escape(first),
                             xml_escape(step_text(step, number, Style::plain())));
}

std::string suite_xml(const step::CellOutcome& cell) {
    using Status = step::CellOutcome::Status;
    const std::string name = fmt::format("{} [{}]", cell.scenario_name, cell.kernel_name);
    std::string cases;
    std::size_t failures = 0;
    std::size_t tests = cell.steps.size();
    std::chrono::milliseconds total{};
    for (std::size_t i = 0; i < cell.steps.size(); ++i) {
        cases += case_xml(cell.steps[i], i + 1, name);
        failures += cell.steps[i].passed() ? 0 : 1;
    }
    for (const auto& [phase, duration] : cell.phases)
        total += duration;
    if (cell.status == Status::skipped || cell.status == Status::error) {
        const char* tag = cell.status == Status::skipped ? "skipped" : "error";
        cases += fmt::format("    <testcase classname=\"{}\" name=\"lab\">\n      <{} "
                             "message=\"{}\"/>\n    </testcase>\n",
                             xml_escape(name), tag, xml_escape(cell.reason));
        ++tests;
    }
    return fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" "
                       "skipped=\"{}\" time=\"{:.3f}\">\n{}  </testsuite>\n",
                       xml_escape(name), tests, failures, cell.status == Status::error ? 1 : 0,
                       cell.status == Status::skipped ? 1 : 0, seconds(total), cases);
}

} // namespace

std::string junit(const std::vector<step::CellOutcome>& cells) {
    std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"nflab\">\n";
    for (const step::CellOutcome& cell : cells)
        xml += suite_xml(cell);
    return xml + "</testsuites>\n";
}

} // namespace nflab::report

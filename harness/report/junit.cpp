// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/report/junit.hpp"

#include "harness/base/xml.hpp"
#include "harness/report/terminal.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace nflab::report {
namespace {

using Status = step::CellOutcome::Status;

double seconds(std::chrono::milliseconds duration) {
    return static_cast<double>(duration.count()) / 1000;
}

std::string case_begin(const std::string& suite, const std::string& name,
                       std::chrono::milliseconds duration) {
    return fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\"",
                       xml_escape(suite), xml_escape(name), seconds(duration));
}

std::string case_xml(const step::StepOutcome& step, std::size_t number, const std::string& suite) {
    const std::string xml = case_begin(suite, step.name, step.duration);
    if (step.passed())
        return xml + "/>\n";
    std::string first;
    for (const step::Check& check : step.checks)
        if (!check.passed && first.empty())
            first = fmt::format("expected {}, seen: {}", check.expected, check.seen);
    return xml + fmt::format(">\n      <failure type=\"expectation\" message=\"{}\">{}</failure>\n"
                             "    </testcase>\n",
                             xml_escape(first),
                             xml_escape(step_text(step, number, Style::plain())));
}

// A skipped cell, or what a broken lab did instead of its next step.
std::string lab_case(const step::CellOutcome& cell, const std::string& suite) {
    const std::string what =
        cell.status == Status::skipped
            ? fmt::format("<skipped message=\"{}\"/>", xml_escape(cell.reason))
            : fmt::format("<error type=\"lab\" message=\"{}\">{}</error>", xml_escape(cell.reason),
                          xml_escape(cell_text(cell, Style::plain())));
    return fmt::format("{}>\n      {}\n    </testcase>\n",
                       case_begin(suite, "lab", std::chrono::milliseconds(0)), what);
}

std::string properties(const step::CellOutcome& cell) {
    std::string xml = "    <properties>\n";
    const auto add = [&](const char* name, const std::string& value) {
        if (!value.empty())
            xml += fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", name,
                               xml_escape(value));
    };
    add("scenario", cell.scenario_file);
    add("kernel", cell.kernel_release);
    add("package", cell.kernel_package);
    add("command line", cell.command_line);
    add("boot", cell.boot);
    add("accelerator", cell.accelerator);
    add("lost events", std::to_string(cell.lost()));
    add("reproduce", cell.reproduce);
    for (const auto& [phase, duration] : cell.phases)
        add(("seconds of " + phase).c_str(), fmt::format("{:.3f}", seconds(duration)));
    return xml + "    </properties>\n";
}

std::string suite_xml(std::size_t index, const step::CellOutcome& cell) {
    const std::string name = fmt::format("{} [{}]", cell.scenario_name, cell.kernel_name);
    std::string cases;
    std::string out;
    std::size_t failures = 0;
    std::size_t tests = cell.steps.size();
    std::chrono::milliseconds total{};
    for (std::size_t i = 0; i < cell.steps.size(); ++i) {
        cases += case_xml(cell.steps[i], i + 1, name);
        out += step_text(cell.steps[i], i + 1, Style::plain());
        failures += cell.steps[i].passed() ? 0 : 1;
    }
    for (const auto& [phase, duration] : cell.phases)
        total += duration;
    if (cell.status == Status::skipped || cell.status == Status::error) {
        cases += lab_case(cell, name);
        ++tests;
    }
    out += cell_text(cell, Style::plain());
    // Ant's schema takes no time zone, and asks for host and package.
    return fmt::format(
        "  <testsuite id=\"{}\" package=\"nflab\" name=\"{}\" timestamp=\"{:%Y-%m-%dT%H:%M:%S}\" "
        "hostname=\"localhost\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" "
        "time=\"{:.3f}\">\n{}{}    <system-out>{}</system-out>\n    <system-err/>\n"
        "  </testsuite>\n",
        index, xml_escape(name), fmt::gmtime(std::chrono::system_clock::to_time_t(cell.began)),
        tests, failures, cell.status == Status::error ? 1 : 0,
        cell.status == Status::skipped ? 1 : 0, seconds(total), properties(cell), cases,
        xml_escape(out));
}

} // namespace

JUnit::JUnit(std::function<void(std::string_view)> write) : write_(std::move(write)) {}

void JUnit::cell(const CellName& cell, const step::CellOutcome& outcome) {
    suites_[cell.index] = suite_xml(cell.index, outcome);
}

void JUnit::run_ends() {
    std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
    for (const auto& [index, suite] : suites_)
        xml += suite;
    write_(xml + "</testsuites>\n");
}

} // namespace nflab::report

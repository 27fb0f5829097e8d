// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/report/tap.hpp"

#include "harness/report/json.hpp"
#include "harness/report/terminal.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>

namespace nflab::report {
namespace {

using Status = step::CellOutcome::Status;

// A hash sign begins a directive, and a description ends with its line.
std::string description(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '#' || c == '\\')
            out += '\\';
        out += c == '\n' ? ' ' : c;
    }
    return out;
}

std::string quoted(const std::string& text) {
    return dump(nlohmann::json(text));
}

// The lines of a text, each behind `indent`.
std::string indented(const std::string& text, const std::string& indent) {
    std::string out;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        out += indent + text.substr(begin, end - begin) + '\n';
        begin = end + 1;
    }
    return out;
}

std::string step_diagnostics(const step::StepOutcome& step, std::size_t number) {
    std::string text = "  ---\n";
    for (const step::Check& check : step.checks)
        if (!check.passed) {
            text += fmt::format("  message: {}\n", quoted(fmt::format("expected {}, seen: {}",
                                                                      check.expected, check.seen)));
            break;
        }
    text += fmt::format("  duration_ms: {}\n  output: |\n", step.duration.count());
    text += indented(step_text(step, number, Style::plain()), "    ");
    return text + "  ...\n";
}

std::string cell_diagnostics(const step::CellOutcome& cell) {
    std::string text = "  ---\n";
    const auto add = [&](const char* key, const std::string& value) {
        if (!value.empty())
            text += fmt::format("  {}: {}\n", key, quoted(value));
    };
    add("message", cell.reason);
    add("hint", cell.hint);
    add("file", cell.scenario_file);
    add("kernel", cell.kernel_release);
    add("reproduce", cell.reproduce);
    return text + "  ...\n";
}

std::string subtest(const step::CellOutcome& cell) {
    std::string text = fmt::format("1..{}\n", cell.steps.size());
    for (std::size_t i = 0; i < cell.steps.size(); ++i) {
        const step::StepOutcome& step = cell.steps[i];
        text += fmt::format("{} {} - {}\n", step.passed() ? "ok" : "not ok", i + 1,
                            description(step.name));
        if (!step.passed())
            text += step_diagnostics(step, i + 1);
    }
    return text;
}

} // namespace

Tap::Tap(std::function<void(std::string_view)> write) : write_(std::move(write)) {}

void Tap::run_begins(const std::vector<CellName>& cells) {
    write_(fmt::format("TAP version 13\n1..{}\n", cells.size()));
}

void Tap::cell(const CellName&, const step::CellOutcome& outcome) {
    const std::string name =
        description(fmt::format("{} [{}]", outcome.scenario_name, outcome.kernel_name));
    std::string text;
    if (!outcome.steps.empty())
        text += fmt::format("    # Subtest: {}\n", name) + indented(subtest(outcome), "    ");
    const bool bad = outcome.status == Status::failed || outcome.status == Status::error;
    text += fmt::format("{} {} - {}", bad ? "not ok" : "ok", ++ended_, name);
    if (outcome.status == Status::skipped)
        text += " # SKIP " + description(outcome.reason);
    text += '\n';
    if (bad)
        text += cell_diagnostics(outcome);
    write_(text);
}

} // namespace nflab::report

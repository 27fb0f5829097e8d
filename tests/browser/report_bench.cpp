// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/report/html_report.hpp"
#include "tests/browser/sample_report.hpp"
#include "tests/browser/webdriver.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <vector>

/// How large a report of 1,000 cells is, and how long Chromium takes to open it: measured, not
/// tested, since it depends on the machine.
namespace {

using namespace nflab;
namespace fs = std::filesystem;

constexpr std::size_t kernels = 16;
constexpr std::size_t steps = 4;
constexpr std::size_t rules = 6;

// Scenarios differ in everything; cells of one scenario in their handles, times and consoles, as
// they do on different kernels.
step::CellOutcome synthetic_cell(std::size_t index) {
    const std::size_t scenario = index / kernels;
    step::CellOutcome cell = browser::rich_cell();
    cell.scenario_name = fmt::format("scenario-{:03}", scenario);
    cell.scenario_file = fmt::format("scenarios/field/{}.yaml", cell.scenario_name);
    cell.kernel_name = fmt::format("6.{}", index % kernels);
    cell.kernel_release = cell.kernel_name + ".1-cloud-amd64";
    cell.status =
        index % 50 == 0 ? step::CellOutcome::Status::failed : step::CellOutcome::Status::passed;
    cell.scenario_text = std::string(3000, static_cast<char>('a' + scenario % 26));
    std::string console;
    for (std::size_t line = 0; line < 250; ++line)
        console += fmt::format("[{:12.6f}] line {} of the console of {} on {}: {:x}\n",
                               static_cast<double>(index * 7 + line * 13) / 1000, line,
                               cell.scenario_name, cell.kernel_release, index * 2654435761U * line);
    cell.consoles = {{"router", console, 0}};
    const step::StepOutcome pattern = cell.steps[0];
    cell.steps.clear();
    for (std::size_t number = 0; number < steps; ++number) {
        step::StepOutcome step = pattern;
        step.name = fmt::format("step {} of {}", number, cell.scenario_name);
        if (cell.status == step::CellOutcome::Status::passed)
            step.checks.pop_back();
        for (verdict::PacketPath& path : step.paths) {
            const verdict::Record first = path.records.front();
            for (std::size_t rule = 0; rule < rules; ++rule) {
                verdict::Record record = first;
                record.rule = 10 + rule + index % 5;
                record.chain = fmt::format("chain-{}-{}", scenario, rule);
                record.rule_text =
                    fmt::format("tcp dport {} counter accept", scenario * 100 + rule);
                record.time_ns = first.time_ns + rule * 1000 + index;
                path.records.insert(path.records.begin(), record);
            }
        }
        cell.steps.push_back(std::move(step));
    }
    return cell;
}

double milliseconds_since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
        .count();
}

} // namespace

int main(int argc, char** argv) {
    const std::size_t cells = argc > 1 ? std::stoul(argv[1]) : 1000;
    const fs::path directory =
        fs::temp_directory_path() / fmt::format("nflab-report-bench-{}", ::getpid());
    std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now();
    {
        report::HtmlReport report(directory);
        for (std::size_t i = 0; i < cells; ++i)
            report.cell({i, "", "", ""}, synthetic_cell(i));
        report.run_ends();
    }
    const double written = milliseconds_since(begin);
    const fs::path page = directory / "index.html";
    fmt::print("{} cells: {:.2f} MB, written in {:.0f} ms\n", cells,
               static_cast<double>(fs::file_size(page)) / 1e6, written);
    std::vector<double> opened;
    {
        browser::Browser chromium;
        for (int i = 0; i < 5; ++i) {
            chromium.open("about:blank");
            chromium.open("file://" + page.string());
            opened.push_back(
                chromium.evaluate("const t = performance.getEntriesByType('navigation')[0];"
                                  "return t.domContentLoadedEventEnd - t.startTime"));
        }
        begin = std::chrono::steady_clock::now();
        chromium.evaluate("location.hash = '#c500'; return document.title");
        fmt::print("a cell is shown after {:.0f} ms\n", milliseconds_since(begin));
    }
    std::sort(opened.begin(), opened.end());
    fmt::print("opened in {:.0f} ms (median of {}; {:.0f} to {:.0f})\n", opened[opened.size() / 2],
               opened.size(), opened.front(), opened.back());
    fs::remove_all(directory);
    return 0;
}

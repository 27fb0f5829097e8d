// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/cli/cell_flags.hpp"
#include "harness/cli/command.hpp"
#include "harness/report/json.hpp"
#include "harness/report/junit.hpp"
#include "harness/report/progress_line.hpp"
#include "harness/report/terminal.hpp"
#include "harness/scenario/reader.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <memory>

namespace nflab::cli {
namespace {

struct RunFlags {
    std::vector<std::string> scenarios;
    std::vector<std::string> kernels;
    std::string junit;
    CellFlags cell;
};

int exit_code(const std::vector<step::CellOutcome>& cells) {
    int code = 0;
    for (const step::CellOutcome& cell : cells)
        if (cell.status == step::CellOutcome::Status::error)
            code = static_cast<int>(Failure::lab);
        else if (cell.status == step::CellOutcome::Status::failed && code == 0)
            code = static_cast<int>(Failure::check);
    return code;
}

void write_file(const std::string& path, const std::string& text) {
    std::ofstream file(path);
    file << text;
    if (!file.flush())
        throw Error(Failure::bad_input, fmt::format("cannot write {}", path));
}

void run(const RunFlags& flags, Context& context) {
    std::vector<scenario::Scenario> scenarios;
    for (const std::string& file : flags.scenarios)
        scenarios.push_back(scenario::load(file));

    std::unique_ptr<Progress> progress;
    report::ProgressLine* line = nullptr;
    if (context.json) {
        progress = std::make_unique<report::SilentProgress>();
    } else {
        auto live = std::make_unique<report::ProgressLine>();
        line = live.get();
        progress = std::move(live);
    }
    const report::Style style = report::Style::for_output(1);
    std::vector<step::CellOutcome> cells;
    const std::vector<std::string> kernels =
        flags.kernels.empty() ? std::vector<std::string>{""} : flags.kernels;
    for (const scenario::Scenario& scenario : scenarios)
        for (const std::string& kernel : kernels) {
            step::CellOptions options = flags.cell.options();
            options.kernel = kernel;
            if (line)
                options.on_step = [&](const step::StepOutcome& step, std::size_t number) {
                    line->clear();
                    fmt::print("{}", report::step_text(step, number, style));
                    std::fflush(stdout);
                };
            cells.push_back(step::run_cell(scenario, options, *progress).outcome);
            if (line) {
                line->clear();
                fmt::print("{}", report::cell_text(cells.back(), style));
                std::fflush(stdout);
            }
        }
    if (context.json)
        fmt::print("{}\n", report::document(cells).dump(2));
    if (!flags.junit.empty())
        write_file(flags.junit, report::junit(cells));
    context.exit_code = exit_code(cells);
}

} // namespace

void add_run(CLI::App& app, Context& context) {
    auto flags = std::make_shared<RunFlags>();
    CLI::App* command =
        app.add_subcommand("run", "Run scenarios and hold what happens against what "
                                  "they expect");
    command->add_option("scenario", flags->scenarios, "scenario files")->required();
    command->add_option(
        "--kernel", flags->kernels,
        "kernels: names of `nflab kernels list`, a bzImage, a build tree, a .deb or "
        ".rpm (default: the lock's default)");
    command->add_option("--junit", flags->junit, "write JUnit XML to this file");
    flags->cell.add_to(*command);
    command->callback([flags, &context] { run(*flags, context); });
}

} // namespace nflab::cli

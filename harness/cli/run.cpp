// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/cli/cell_flags.hpp"
#include "harness/cli/command.hpp"
#include "harness/host/accelerator.hpp"
#include "harness/matrix/resources.hpp"
#include "harness/matrix/run_cells.hpp"
#include "harness/matrix/scenario_files.hpp"
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
#include <optional>

namespace nflab::cli {
namespace {

struct RunFlags {
    std::vector<std::string> scenarios;
    std::vector<std::string> kernels;
    std::string junit;
    unsigned jobs = 0; ///< 0: as many as the machine can
    CellFlags cell;
};

void write_file(const std::string& path, const std::string& text) {
    std::ofstream file(path);
    file << text;
    if (!file.flush())
        throw Error(Failure::bad_input, fmt::format("cannot write {}", path));
}

std::vector<scenario::Scenario> load_all(const std::vector<std::string>& arguments) {
    std::vector<scenario::Scenario> scenarios;
    for (const std::string& file : matrix::scenario_files(arguments))
        scenarios.push_back(scenario::load(file));
    return scenarios;
}

std::vector<matrix::CellOrder> cells_of(const std::vector<scenario::Scenario>& scenarios,
                                        const RunFlags& flags) {
    const std::vector<std::string> kernels =
        flags.kernels.empty() ? std::vector<std::string>{""} : flags.kernels;
    std::vector<matrix::CellOrder> orders;
    for (const scenario::Scenario& scenario : scenarios)
        for (const std::string& kernel : kernels) {
            orders.push_back({&scenario, flags.cell.options()});
            orders.back().options.kernel = kernel;
        }
    return orders;
}

unsigned jobs_of(const RunFlags& flags, const std::vector<scenario::Scenario>& scenarios) {
    if (!flags.cell.lab.empty()) // all of them have one name
        return 1;
    return flags.jobs > 0 ? flags.jobs : matrix::default_jobs(matrix::resources(), scenarios);
}

// What people see while cells run: what is done now on standard error, what came of it on standard
// output.
class Show {
  public:
    explicit Show(const std::vector<matrix::CellOrder>& orders) : orders_(orders) {}

    matrix::Audience audience() {
        matrix::Audience audience;
        audience.phase = [this](std::size_t cell, const std::string& what) {
            line_.phase(orders_.size() == 1
                            ? what
                            : fmt::format("{}/{} {}: {}", ended_ + 1, orders_.size(),
                                          orders_[cell].scenario->name, what));
        };
        audience.notice = [this](const std::string& message) { line_.notice(message); };
        audience.step = [this](std::size_t, const step::StepOutcome& step, std::size_t number) {
            print(report::step_text(step, number, style_));
        };
        audience.end = [this](std::size_t, const matrix::CellResult& result) {
            ++ended_;
            if (!result.refused || orders_.size() > 1)
                print(report::cell_text(result.outcome, style_));
        };
        return audience;
    }

  private:
    void print(const std::string& text) {
        line_.clear();
        fmt::print("{}", text);
        std::fflush(stdout);
    }

    const std::vector<matrix::CellOrder>& orders_;
    report::ProgressLine line_;
    report::Style style_ = report::Style::for_output(1);
    std::size_t ended_ = 0;
};

void run(const RunFlags& flags, Context& context) {
    const std::vector<scenario::Scenario> scenarios = load_all(flags.scenarios);
    const std::vector<matrix::CellOrder> orders = cells_of(scenarios, flags);
    // Found out once and kept, instead of by each cell.
    host::choose_accelerator(flags.cell.accelerator);

    report::SilentProgress silent;
    matrix::Audience quiet;
    quiet.notice = [&](const std::string& message) { silent.notice(message); };
    std::optional<Show> show;
    if (!context.json)
        show.emplace(orders);
    const auto results =
        matrix::run_cells(orders, jobs_of(flags, scenarios), show ? show->audience() : quiet);
    if (results.size() == 1 && results[0].refused)
        throw Error(*results[0].refused);

    std::vector<step::CellOutcome> cells;
    for (const matrix::CellResult& result : results)
        cells.push_back(result.outcome);
    if (context.json)
        fmt::print("{}\n", report::document(cells).dump(2));
    if (!flags.junit.empty())
        write_file(flags.junit, report::junit(cells));
    context.exit_code = matrix::exit_code(results);
}

} // namespace

void add_run(CLI::App& app, Context& context) {
    auto flags = std::make_shared<RunFlags>();
    CLI::App* command =
        app.add_subcommand("run", "Run scenarios and hold what happens against what "
                                  "they expect");
    command->add_option("scenario", flags->scenarios, "scenario files, and folders of them")
        ->required();
    command->add_option(
        "--kernel", flags->kernels,
        "kernels: names of `nflab kernels list`, a bzImage, a build tree, a .deb or "
        ".rpm (default: the lock's default)");
    command->add_option("--junit", flags->junit, "write JUnit XML to this file");
    command
        ->add_option("-j,--jobs", flags->jobs,
                     "cells that run at once (default: as many as there are processors, and memory "
                     "for)")
        ->check(CLI::Range(1, 256));
    flags->cell.add_to(*command);
    command->callback([flags, &context] { run(*flags, context); });
}

} // namespace nflab::cli

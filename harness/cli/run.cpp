// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/cli/cell_flags.hpp"
#include "harness/cli/command.hpp"
#include "harness/cli/run_outputs.hpp"
#include "harness/cli/run_watch.hpp"
#include "harness/host/accelerator.hpp"
#include "harness/matrix/resources.hpp"
#include "harness/matrix/run_cells.hpp"
#include "harness/matrix/scenario_files.hpp"
#include "harness/report/json.hpp"
#include "harness/scenario/reader.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace nflab::cli {
namespace {

struct RunFlags {
    std::vector<std::string> scenarios;
    std::vector<std::string> kernels;
    RunOutputs outputs;
    bool watch = false;
    unsigned jobs = 0; ///< 0: as many as the machine can
    CellFlags cell;
};

std::vector<scenario::Scenario> load_all(const RunFlags& flags) {
    std::vector<scenario::Scenario> scenarios;
    for (const std::string& file : matrix::scenario_files(flags.scenarios))
        for (scenario::Scenario& variant : flags.cell.variants(file))
            scenarios.push_back(std::move(variant));
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
            orders.back().options.gather = flags.outputs.wants_evidence();
        }
    return orders;
}

unsigned jobs_of(const RunFlags& flags, const std::vector<scenario::Scenario>& scenarios) {
    if (!flags.cell.lab.empty()) // all of them have one name
        return 1;
    return flags.jobs > 0 ? flags.jobs : matrix::default_jobs(matrix::resources(), scenarios);
}

std::vector<report::CellName> names_of(const std::vector<matrix::CellOrder>& orders) {
    std::vector<report::CellName> names;
    names.reserve(orders.size());
    for (const matrix::CellOrder& order : orders)
        names.push_back({names.size(), order.scenario->full_name(), order.scenario->file,
                         order.options.kernel});
    return names;
}

matrix::Audience audience(report::Listener& listener, const std::vector<report::CellName>& cells) {
    matrix::Audience audience;
    audience.phase = [&](std::size_t cell, const std::string& what) {
        listener.phase(cells[cell], what);
    };
    audience.notice = [&](const std::string& message) { listener.notice(message); };
    audience.step = [&](std::size_t cell, const step::StepOutcome& step, std::size_t number) {
        listener.step(cells[cell], number, step);
    };
    audience.end = [&](std::size_t cell, const matrix::CellResult& result) {
        // Alone, it is nothing but an error of the command.
        if (!result.refused || cells.size() > 1)
            listener.cell(cells[cell], result.outcome);
    };
    return audience;
}

[[noreturn]] void watch(const RunFlags& flags) {
    const std::vector<std::string> files = matrix::scenario_files(flags.scenarios);
    if (files.size() != 1 || flags.kernels.size() > 1)
        throw Error(Failure::bad_input, "--watch is for one scenario on one kernel");
    report::Listeners listeners;
    flags.outputs.open(listeners, false);
    const auto read = [&] {
        std::vector<scenario::Scenario> variants = flags.cell.variants(files[0]);
        if (variants.size() > 1)
            throw Error(Failure::bad_input, "--watch is for one of the scenario's combinations",
                        "choose one by --with NAME=VALUE");
        WatchedCell cell{std::move(variants[0]), flags.cell.options()};
        cell.options.kernel = flags.kernels.empty() ? "" : flags.kernels[0];
        return cell;
    };
    run_watched(files[0], read, listeners);
}

void run(const RunFlags& flags, Context& context) {
    if (flags.watch)
        watch(flags);
    const std::vector<scenario::Scenario> scenarios = load_all(flags);
    const std::vector<matrix::CellOrder> orders = cells_of(scenarios, flags);
    // Found out once and kept, instead of by each cell.
    host::choose_accelerator(flags.cell.accelerator);

    report::Listeners listeners;
    flags.outputs.open(listeners, context.json);
    const std::vector<report::CellName> names = names_of(orders);
    listeners.run_begins(names);
    const auto results =
        matrix::run_cells(orders, jobs_of(flags, scenarios), audience(listeners, names));
    listeners.run_ends();
    flags.outputs.tell_where();
    if (results.size() == 1 && results[0].refused)
        throw Error(*results[0].refused);

    if (context.json) {
        std::vector<step::CellOutcome> cells;
        cells.reserve(results.size());
        for (const matrix::CellResult& result : results)
            cells.push_back(result.outcome);
        fmt::print("{}\n", report::dump(report::document(cells), 2));
    }
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
    command
        ->add_option("-j,--jobs", flags->jobs,
                     "cells that run at once (default: as many as there are processors, and memory "
                     "for)")
        ->check(CLI::Range(1, 256));
    command->add_flag("--watch", flags->watch,
                      "run again whenever the scenario is saved, in a lab that is up already");
    flags->outputs.add_to(*command);
    flags->cell.add_to(*command);
    command->callback([flags, &context] { run(*flags, context); });
}

} // namespace nflab::cli

// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/cli/bench_library.hpp"

#include "harness/base/error.hpp"
#include "harness/bench/library.hpp"
#include "harness/cli/cell_flags.hpp"
#include "harness/cli/command.hpp"
#include "harness/host/accelerator.hpp"
#include "harness/matrix/scenario_files.hpp"
#include "harness/report/progress_line.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>

namespace nflab::cli {
namespace {

struct LibraryFlags {
    std::vector<std::string> scenarios{"scenarios/seeds", "scenarios/field"};
    std::string kernel;
    unsigned jobs = 0;
    bool without_baseline = false;
    CellFlags cell;
};

nlohmann::ordered_json to_json(const bench::LibraryRun& run) {
    nlohmann::ordered_json scenarios;
    for (const auto& [name, seconds] : run.scenarios)
        scenarios[name] = seconds;
    return {{"seconds", run.seconds}, {"mean", run.mean()},   {"passed", run.passed},
            {"skipped", run.skipped}, {"others", run.others}, {"scenarios", scenarios}};
}

void print_run(const std::string& what, const bench::LibraryRun& run) {
    fmt::print("{:<36} {:>7.1f} {:>9.2f}   {} passed, {} skipped\n", what, run.seconds, run.mean(),
               run.passed, run.skipped);
    for (const std::string& other : run.others)
        fmt::print("  not passed: {}\n", other);
}

void bench_library(const LibraryFlags& flags, Context& context) {
    std::vector<scenario::Scenario> scenarios;
    for (const std::string& file : matrix::scenario_files(flags.scenarios))
        for (scenario::Scenario& variant : flags.cell.variants(file))
            scenarios.push_back(std::move(variant));
    host::choose_accelerator(flags.cell.accelerator);
    bench::LibraryOptions options;
    options.cell = flags.cell.options();
    options.cell.kernel = flags.kernel;
    options.jobs = flags.jobs;
    options.baseline = !flags.without_baseline;
    report::ProgressLine line;
    report::SilentProgress silent;
    const bench::LibraryResult result = bench::measure_library(
        scenarios, options, context.json ? static_cast<Progress&>(silent) : line);
    line.clear();
    if (!result.run.others.empty() || !result.baseline.others.empty())
        context.exit_code = static_cast<int>(Failure::check);
    if (context.json) {
        nlohmann::ordered_json document = {{"kernel", result.kernel_release},
                                           {"accelerator", result.accelerator},
                                           {"jobs", result.jobs},
                                           {"run", to_json(result.run)}};
        if (options.baseline)
            document["baseline"] = to_json(result.baseline);
        fmt::print("{}\n", document.dump(2));
        return;
    }
    fmt::print("{} under {}\n\n{:<36} {:>7} {:>9}\n", result.kernel_release, result.accelerator, "",
               "seconds", "scenario");
    if (options.baseline)
        print_run("every guest booted, one by one", result.baseline);
    print_run(fmt::format("warm starts, {} at once", result.jobs), result.run);
    auto slowest = result.run.scenarios;
    std::sort(slowest.begin(), slowest.end(),
              [](const auto& one, const auto& other) { return one.second > other.second; });
    slowest.resize(std::min<std::size_t>(slowest.size(), 5));
    fmt::print("\nslowest, each with what ran beside it:\n");
    for (const auto& [name, seconds] : slowest)
        fmt::print("  {:<34} {:>7.1f}\n", name, seconds);
}

} // namespace

void add_bench_library(CLI::App& bench, Context& context) {
    auto flags = std::make_shared<LibraryFlags>();
    CLI::App* command = bench.add_subcommand(
        "library", "Seconds for each scenario of the library, warm and several at once, beside "
                   "booting each guest");
    command->add_option("scenario", flags->scenarios, "scenario files, and folders of them")
        ->capture_default_str();
    command->add_option("--kernel", flags->kernel, "kernel (default: the lock's default)");
    command->add_option("-j,--jobs", flags->jobs, "cells that run at once, as for `nflab run`")
        ->check(CLI::Range(1, 256));
    command->add_flag("--no-baseline", flags->without_baseline, "leave out the baseline");
    flags->cell.add_to(*command);
    command->callback([flags, &context] { bench_library(*flags, context); });
}

} // namespace nflab::cli

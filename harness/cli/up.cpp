// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/base/paths.hpp"
#include "harness/cli/cell_flags.hpp"
#include "harness/cli/command.hpp"
#include "harness/report/json.hpp"
#include "harness/report/progress_line.hpp"
#include "harness/report/terminal.hpp"
#include "harness/scenario/reader.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>

namespace nflab::cli {
namespace {

struct UpFlags {
    std::string scenario;
    std::string kernel;
    CellFlags cell;
};

void print_how_to_enter(const std::string& lab, const scenario::Scenario& scenario) {
    std::string vm;
    for (const scenario::Node& node : scenario.nodes)
        if (node.kind == scenario::NodeKind::vm && vm.empty())
            vm = node.name;
    const std::string nflab = paths::invocation();
    std::vector<std::pair<std::string, std::string>> hints;
    if (!vm.empty()) {
        hints.emplace_back(fmt::format("{} shell {} {}", nflab, lab, vm), "a shell on " + vm);
        hints.emplace_back(fmt::format("{} exec {} {} -- nft list ruleset", nflab, lab, vm),
                           "one command");
        hints.emplace_back(fmt::format("{} trace {}", nflab, lab), "every verdict, live");
    }
    for (const scenario::Step& step : scenario.steps)
        if (!step.send.empty()) {
            hints.emplace_back(fmt::format("{} why {} --from {} --to {}", nflab, lab,
                                           step.send.front().from, step.send.front().to),
                               "send one packet, see its path");
            break;
        }
    std::size_t width = 0;
    for (const auto& [command, meaning] : hints)
        width = std::max(width, command.size());
    fmt::print("\nThe lab '{}' is up. Try\n", lab);
    for (const auto& [command, meaning] : hints)
        fmt::print("  {:<{}}  {}\n", command, width, meaning);
    fmt::print("and end it with `make lab-down` (`{} down {}`).\n", nflab, lab);
}

void up(const UpFlags& flags, Context& context) {
    const std::vector<scenario::Scenario> variants = flags.cell.variants(flags.scenario);
    const scenario::Scenario& scenario = variants.front();
    step::CellOptions options = flags.cell.options();
    options.kernel = flags.kernel;
    options.keep_lab = true;
    if (options.lab.empty())
        options.lab = scenario.name;

    report::ProgressLine line;
    if (variants.size() > 1)
        line.notice(fmt::format("of {} variants this is {}; --with chooses another",
                                variants.size(), scenario.full_name()));
    report::SilentProgress silent;
    Progress& progress = context.json ? static_cast<Progress&>(silent) : line;
    const report::Style style = report::Style::for_output(1);
    if (!context.json)
        options.on_step = [&](const step::StepOutcome& step, std::size_t number) {
            line.clear();
            fmt::print("{}", report::step_text(step, number, style));
            std::fflush(stdout);
        };
    step::CellRun run = step::run_cell(scenario, options, progress);
    line.clear();
    using Status = step::CellOutcome::Status;
    // A lab whose expectations failed is worth a look inside; one that broke is not.
    const bool keep = run.lab && run.outcome.status != Status::error;
    if (context.json)
        fmt::print("{}\n", report::dump(report::document({run.outcome}), 2));
    else
        fmt::print("{}", report::cell_text(run.outcome, style));
    if (keep) {
        run.lab->release();
        if (!context.json)
            print_how_to_enter(options.lab, scenario);
    }
    if (run.outcome.status == Status::failed)
        context.exit_code = static_cast<int>(Failure::check);
    else if (run.outcome.status != Status::passed)
        context.exit_code = static_cast<int>(Failure::lab);
}

} // namespace

void add_up(CLI::App& app, Context& context) {
    auto flags = std::make_shared<UpFlags>();
    CLI::App* command =
        app.add_subcommand("up", "Run a scenario and leave its lab up for a look inside");
    command->add_option("scenario", flags->scenario, "scenario file")->required();
    command->add_option("--kernel", flags->kernel, "kernel, as for `nflab run`");
    flags->cell.add_to(*command);
    command->callback([flags, &context] { up(*flags, context); });
}

} // namespace nflab::cli

// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/cli/cell_flags.hpp"
#include "harness/cli/command.hpp"
#include "harness/host/accelerator.hpp"
#include "harness/matrix/mutate.hpp"
#include "harness/matrix/resources.hpp"
#include "harness/matrix/run_cells.hpp"
#include "harness/matrix/scenario_files.hpp"
#include "harness/report/progress_line.hpp"
#include "harness/report/style.hpp"
#include "harness/scenario/kernel_constraint.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace nflab::cli {
namespace {

using Status = step::CellOutcome::Status;

struct MutantFlags {
    std::vector<std::string> scenarios;
    std::string kernel;
    unsigned jobs = 0;
    bool all = false;
    CellFlags cell;
};

/// One scenario's mutants, of which one after the other is tried.
struct Trial {
    scenario::Scenario scenario;
    std::vector<matrix::Mutant> mutants;
    std::size_t next = 0;
    std::size_t killed = 0;
    std::size_t survived = 0;
    std::size_t skipped = 0;
    std::size_t broken = 0;

    /// Whether a mutant is still to be run.
    bool open(bool all) const {
        return next < mutants.size() && skipped == 0 && (all || killed + survived + broken == 0);
    }
};

struct Tally {
    std::vector<std::string> survivors;
    std::vector<std::string> broken;
    std::vector<std::string> without; ///< scenarios that no mutant could be made of, or loaded
    std::size_t killed = 0;
    std::size_t skipped = 0;
};

class MutantRun {
  public:
    MutantRun(const MutantFlags& flags, bool json) : flags_(flags), json_(json) {
        for (const std::string& file : matrix::scenario_files(flags.scenarios))
            for (scenario::Scenario& variant : flags.cell.variants(file)) {
                Trial trial;
                trial.scenario = std::move(variant);
                trial.mutants = matrix::mutants(trial.scenario);
                trials_.push_back(std::move(trial));
            }
    }

    Tally run() {
        while (round())
            continue;
        for (const Trial& trial : trials_) {
            tally_.killed += trial.killed;
            tally_.skipped += trial.skipped;
            if (trial.killed + trial.survived + trial.skipped + trial.broken == 0)
                tally_.without.push_back(trial.scenario.file);
        }
        return std::move(tally_);
    }

  private:
    // Each scenario's next mutant, all of them at once.
    bool round() {
        std::vector<matrix::CellOrder> orders;
        std::vector<Trial*> of;
        std::vector<scenario::Scenario> scenarios;
        for (Trial& trial : trials_)
            if (trial.open(flags_.all)) {
                orders.push_back({&trial.mutants[trial.next].scenario, flags_.cell.options()});
                orders.back().options.kernel = flags_.kernel;
                scenarios.push_back(trial.scenario);
                of.push_back(&trial);
            }
        if (orders.empty())
            return false;
        const unsigned jobs =
            flags_.jobs > 0 ? flags_.jobs : matrix::default_jobs(matrix::resources(), scenarios);
        matrix::Audience audience;
        audience.phase = [&](std::size_t cell, const std::string& what) {
            if (!json_)
                line_.phase(fmt::format("{}: {}", of[cell]->scenario.name, what));
        };
        audience.notice = [&](const std::string& message) { line_.notice(message); };
        audience.end = [&](std::size_t cell, const matrix::CellResult& result) {
            judge(*of[cell], result);
        };
        matrix::run_cells(orders, jobs, audience);
        return true;
    }

    // A step for other kernels is left out, and its rules with it.
    static bool runs_on(const matrix::Mutant& mutant, const std::string& release) {
        const auto constraint = scenario::KernelConstraint::parse(mutant.kernels);
        return mutant.kernels.empty() || !constraint || constraint->admits(release);
    }

    void judge(Trial& trial, const matrix::CellResult& result) {
        const matrix::Mutant& mutant = trial.mutants[trial.next++];
        const std::string line = fmt::format("{}: {}", mutant.where, mutant.what);
        std::string word;
        if (result.refused) {
            word = style_.faint("refused ");
        } else if (!runs_on(mutant, result.outcome.kernel_release)) {
            word = style_.faint("not here");
        } else if (result.outcome.status == Status::failed) {
            ++trial.killed;
            word = style_.good("killed  ");
        } else if (result.outcome.status == Status::passed) {
            ++trial.survived;
            tally_.survivors.push_back(line);
            word = style_.bad("SURVIVED");
        } else if (result.outcome.status == Status::skipped) {
            ++trial.skipped;
            word = style_.faint("skipped ");
        } else {
            ++trial.broken;
            tally_.broken.push_back(fmt::format("{}: {}", line, result.outcome.reason));
            word = style_.bad("NO LAB  ");
        }
        if (json_)
            return;
        line_.clear();
        fmt::print("{} {}: {}\n", word, trial.scenario.name, line);
        std::fflush(stdout);
    }

    const MutantFlags& flags_;
    bool json_;
    std::vector<Trial> trials_;
    Tally tally_;
    report::ProgressLine line_;
    report::Style style_ = report::Style::for_output(1);
};

void print_list(const char* title, const std::vector<std::string>& lines) {
    fmt::print("{}: {}\n", title, lines.empty() ? "none" : "");
    for (const std::string& line : lines)
        fmt::print("  {}\n", line);
}

void run(const MutantFlags& flags, Context& context) {
    host::choose_accelerator(flags.cell.accelerator);
    const Tally tally = MutantRun(flags, context.json).run();
    if (context.json) {
        const nlohmann::ordered_json document = {{"killed", tally.killed},
                                                 {"survivors", tally.survivors},
                                                 {"broken", tally.broken},
                                                 {"without_mutant", tally.without},
                                                 {"skipped", tally.skipped}};
        fmt::print("{}\n", document.dump(2));
    } else {
        fmt::print("\n{} killed, {} skipped\n", tally.killed, tally.skipped);
        if (!tally.broken.empty())
            print_list("no lab", tally.broken);
        if (!tally.without.empty())
            print_list("without a rule that could be altered", tally.without);
        print_list("survivors", tally.survivors);
    }
    if (!tally.broken.empty())
        context.exit_code = static_cast<int>(Failure::lab);
    else if (!tally.survivors.empty() || !tally.without.empty())
        context.exit_code = static_cast<int>(Failure::check);
}

} // namespace

void add_mutants(CLI::App& app, Context& context) {
    auto flags = std::make_shared<MutantFlags>();
    CLI::App* command = app.add_subcommand(
        "mutants", "Alter one rule of each scenario, and demand that the scenario then fails");
    command->add_option("scenario", flags->scenarios, "scenario files, and folders of them")
        ->required();
    command->add_option("--kernel", flags->kernel, "kernel, as for `nflab run`");
    command->add_flag("--all", flags->all,
                      "alter every rule and policy, one after the other, instead of the one that "
                      "the expectations name first");
    command->add_option("-j,--jobs", flags->jobs, "cells that run at once, as for `nflab run`")
        ->check(CLI::Range(1, 256));
    flags->cell.add_to(*command);
    command->callback([flags, &context] { run(*flags, context); });
}

} // namespace nflab::cli

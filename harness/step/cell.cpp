// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/step/cell.hpp"

#include "harness/base/error.hpp"
#include "harness/base/paths.hpp"
#include "harness/host/accelerator.hpp"
#include "harness/image/image.hpp"
#include "harness/kernel/kernel.hpp"
#include "harness/kernel/kretprobe_module.hpp"
#include "harness/lab/session.hpp"
#include "harness/lab/warm_guests.hpp"
#include "harness/process/command.hpp"
#include "harness/scenario/for_kernel.hpp"
#include "harness/scenario/kernel_constraint.hpp"
#include "harness/scenario/reader.hpp"
#include "harness/step/gather.hpp"
#include "harness/step/start_lab.hpp"
#include "harness/step/step.hpp"
#include "harness/step/tracers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>

namespace nflab::step {
namespace {

using Clock = std::chrono::steady_clock;

// Times the phases of a cell, one after the other.
class Stopwatch {
  public:
    explicit Stopwatch(CellOutcome& outcome) : outcome_(outcome) {}
    void lap(const std::string& phase) {
        const auto now = Clock::now();
        outcome_.phases.emplace_back(
            phase, std::chrono::duration_cast<std::chrono::milliseconds>(now - last_));
        last_ = now;
    }

  private:
    CellOutcome& outcome_;
    Clock::time_point last_ = Clock::now();
};

std::string default_lab_name(const scenario::Scenario& scenario, bool keep) {
    return keep ? scenario.name : fmt::format("{}-{}", scenario.name, ::getpid());
}

std::string reproduce_command(const scenario::Scenario& scenario, const CellOptions& options,
                              const std::string& kernel) {
    std::vector<std::string> argv = {paths::invocation(), "run", scenario.file, "--kernel", kernel};
    for (const auto& [parameter, value] : scenario.parameters)
        argv.insert(argv.end(), {"--with", fmt::format("{}={}", parameter, value)});
    if (!options.modules.empty())
        argv.insert(argv.end(), {"--modules", options.modules.string()});
    if (options.boot)
        argv.insert(argv.end(),
                    {"--boot", *options.boot == scenario::Boot::fast ? "fast" : "faithful"});
    if (options.accelerator != "auto")
        argv.insert(argv.end(), {"--accel", options.accelerator});
    if (options.locked)
        argv.emplace_back("--locked");
    return to_shell(argv);
}

std::vector<std::string> missing_features(const scenario::Scenario& scenario,
                                          const kernel::Kernel& kernel) {
    const std::vector<std::string> offered = kernel::features(kernel);
    std::vector<std::string> missing;
    for (const std::string& wanted : scenario.requires_features)
        if (std::find(offered.begin(), offered.end(), wanted) == offered.end())
            missing.push_back(wanted);
    return missing;
}

bool wants_smp(const scenario::Scenario& scenario) {
    return std::any_of(scenario.nodes.begin(), scenario.nodes.end(),
                       [](const scenario::Node& node) { return node.cpus > 1; });
}

void run_steps(const scenario::Scenario& scenario, const CellOptions& options,
               const plan::Plan& plan, const std::filesystem::path& module, CellOutcome& outcome,
               Stopwatch& watch, Progress& progress) {
    auto session = lab::Session::connect(plan.lab);
    std::vector<TraceOrder> orders = trace_orders(session.plan());
    for (TraceOrder& order : orders)
        order.module = module;
    Tracers tracers(session, orders, progress);
    watch.lap("observe");
    std::vector<AppliedRuleset> applied;
    const auto done = [&](StepOutcome step) {
        if (options.gather || !step.passed()) {
            step.listings = list_rulesets(session, step);
            step.applied_before = applied;
        }
        applied.insert(applied.end(), step.applied.begin(), step.applied.end());
        outcome.steps.push_back(std::move(step));
        if (!outcome.steps.back().passed())
            outcome.status = CellOutcome::Status::failed;
        if (options.on_step)
            options.on_step(outcome.steps.back(), outcome.steps.size());
    };
    StepRunner runner(session, scenario, tracers, progress);
    for (const scenario::Step& step : scenario.steps)
        runner.run(step, done);
    runner.look_back(done);
    outcome.observations = tracers.observations();
    watch.lap("steps");
}

} // namespace

CellRun run_cell(const scenario::Scenario& scenario, const CellOptions& options,
                 Progress& progress) {
    CellRun run;
    CellOutcome& outcome = run.outcome;
    Stopwatch watch(outcome);
    outcome.began = std::chrono::system_clock::now();
    outcome.scenario_text = scenario::read_text_file(scenario.file).text.value_or("");
    outcome.scenario_name = scenario.full_name();
    outcome.scenario_file = scenario.file;
    const scenario::Boot boot = options.boot.value_or(scenario.boot);
    outcome.boot = boot == scenario::Boot::fast ? "fast" : "faithful";
    outcome.kernel_name = options.kernel;

    try {
        progress.phase("looking for the kernel");
        kernel::FindOptions find;
        find.modules = options.modules;
        find.locked = options.locked;
        const auto tell = [&](const std::string& words) { progress.phase(words); };
        const kernel::Kernel kernel = kernel::find(options.kernel, find, tell);
        for (const std::string& notice : kernel.notices)
            progress.notice(notice);
        outcome.kernel_name = kernel.name;
        outcome.kernel_release = kernel.release;
        outcome.kernel_package = kernel.package;
        outcome.reproduce = reproduce_command(scenario, options, kernel.name);
        watch.lap("kernel");

        if (const auto missing = missing_features(scenario, kernel); !missing.empty()) {
            outcome.status = CellOutcome::Status::skipped;
            outcome.reason =
                fmt::format("{} has no {}", kernel.release, fmt::join(missing, ", no "));
            return run;
        }
        if (const auto constraint = scenario::KernelConstraint::parse(scenario.kernels);
            constraint && !constraint->admits(kernel.release)) {
            outcome.status = CellOutcome::Status::skipped;
            outcome.reason = fmt::format("the scenario is for kernels {}, this is {}",
                                         scenario.kernels, kernel.release);
            return run;
        }

        const plan::BootFiles files = image::prepare(kernel, boot, tell, wants_smp(scenario));
        outcome.alterations = files.alterations;
        outcome.command_line = files.command_line;
        watch.lap("image");

        const auto choice = host::choose_accelerator(options.accelerator);
        plan::Plan plan = plan::make_plan(
            scenario, files,
            options.lab.empty() ? default_lab_name(scenario, options.keep_lab) : options.lab,
            choice.accelerator);
        outcome.networks = plan.networks;
        outcome.nodes = plan.nodes;
        const auto orders = trace_orders(plan);
        const bool module_needed =
            std::any_of(orders.begin(), orders.end(),
                        [](const TraceOrder& order) { return order.needs_module(); });
        const std::filesystem::path module =
            module_needed ? kernel::kretprobe_module(kernel, tell) : std::filesystem::path();
        plan.accelerator_reason = choice.reason;
        plan.count_instructions = choice.count_instructions;
        plan.deadlines = options.deadlines;
        outcome.accelerator = choice.accelerator == plan::Accelerator::kvm ? "kvm" : "tcg";
        outcome.accelerator_reason = choice.reason;
        if (!choice.reason.empty())
            progress.notice(
                fmt::format("guests run under TCG, many times slower than KVM: {}", choice.reason));

        const bool warm = options.warm && lab::can_start_warm(plan, boot);
        run.lab = options.waiting ? options.waiting->take(plan, warm, orders, progress)
                                  : start_lab(plan, warm, orders, progress);
        if (std::any_of(plan.nodes.begin(), plan.nodes.end(),
                        [](const plan::Node& node) { return node.warm.has_value(); }))
            outcome.alterations.emplace_back("guests started warm, from one that was kept");
        watch.lap("boot");
        run_steps(scenario::for_kernel(scenario, kernel.release), options, plan, module, outcome,
                  watch, progress);
    } catch (const Error& error) {
        if (error.failure() == Failure::bad_input)
            throw;
        outcome.status = CellOutcome::Status::error;
        outcome.reason = error.what();
        outcome.hint = error.hint();
    }
    if (options.gather && run.lab)
        outcome.consoles = read_consoles(run.lab->supervisor(), outcome.nodes);
    if (!options.keep_lab) {
        run.lab.reset();
        watch.lap("teardown");
    }
    return run;
}

} // namespace nflab::step

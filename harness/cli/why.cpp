// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/cli/command.hpp"
#include "harness/cli/only_lab.hpp"
#include "harness/lab/session.hpp"
#include "harness/report/json.hpp"
#include "harness/report/progress_line.hpp"
#include "harness/report/terminal.hpp"
#include "harness/scenario/reader.hpp"
#include "harness/step/destination.hpp"
#include "harness/step/gather.hpp"
#include "harness/step/hops.hpp"
#include "harness/step/send.hpp"
#include "harness/step/tracers.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace nflab::cli {
namespace {

struct WhyFlags {
    std::string lab;
    std::string from;
    std::string to;
    bool all = false;
};

/// What the lab's scenario applies, to find rules in it; nothing when its file is not there any
/// more or has been broken since.
std::vector<step::AppliedRuleset> applied_by(const std::string& scenario_file) {
    std::vector<step::AppliedRuleset> applied;
    try {
        const scenario::Scenario scenario = scenario::load(scenario_file);
        for (const scenario::Step& each : scenario.steps)
            for (const scenario::Ruleset& ruleset : each.apply)
                applied.push_back(step::as_applied(ruleset, scenario));
    } catch (const Error&) {
        return {};
    }
    return applied;
}

void why(const WhyFlags& flags, const Context& context) {
    scenario::Send order = step::parse_destination(flags.to);
    order.from = flags.from;
    lab::Session session = lab::Session::connect(only_lab(flags.lab));
    const plan::Plan& plan = session.plan();
    plan.require_node(order.from);
    // A node without an IPv4 address is meant by its IPv6 one.
    order.ipv6 = order.ipv6 || step::destination_address(plan, order.from, order.to, false).empty();

    report::ProgressLine line;
    report::SilentProgress silent;
    Progress& progress = context.json ? static_cast<Progress&>(silent) : line;
    const auto mode = flags.all ? scenario::Trace::all : scenario::Trace::verdicts;
    step::Tracers tracers(session, step::trace_guests(plan, mode), progress);
    step::StepOutcome outcome;
    outcome.sent = step::Sending(session, order).finish();
    outcome.paths = verdict::assemble(outcome.sent, tracers.collect(), step::hop_distance(plan));
    outcome.listings = step::list_rulesets(session, outcome);
    outcome.applied_before = applied_by(plan.scenario);
    line.clear();
    if (context.json)
        fmt::print("{}\n", report::packets(outcome.sent, outcome.paths).dump(2));
    else
        fmt::print("{}", report::paths_text(outcome, report::Style::for_output(1)));
}

} // namespace

void add_why(CLI::App& app, Context& context) {
    auto flags = std::make_shared<WhyFlags>();
    CLI::App* command =
        app.add_subcommand("why", "Send one packet through a lab and say what happened to it");
    command->add_option("lab", flags->lab, "the lab (default: the only one that is up)");
    command->add_option("--from", flags->from, "node that sends")->required();
    command
        ->add_option("--to", flags->to,
                     "NODE or ADDRESS (ping), NODE:PORT/tcp, ADDRESS:PORT/udp, …")
        ->required();
    command->add_flag("--all", flags->all, "also the rules that only passed the packet on");
    command->callback([flags, &context] { why(*flags, context); });
}

} // namespace nflab::cli

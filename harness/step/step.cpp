// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/step/step.hpp"

#include "harness/step/apply.hpp"
#include "harness/step/capture.hpp"
#include "harness/step/hops.hpp"
#include "harness/step/judge_capture.hpp"
#include "harness/step/send.hpp"
#include "harness/verdict/match.hpp"

#include <fmt/format.h>

#include <chrono>

namespace nflab::step {
namespace {

using Clock = std::chrono::steady_clock;

Check exit_check(const scenario::RunCommand& command, const CommandOutcome& outcome) {
    Check check;
    check.expectation = command.command;
    check.line = command.where.line;
    check.passed =
        !outcome.timed_out && outcome.signal == 0 && outcome.exit_code == command.exit_code;
    check.expected =
        fmt::format("exit code {} of `{}` at {}", command.exit_code, command.command, command.node);
    check.seen = outcome.timed_out ? "it did not end in time"
                 : outcome.signal  ? fmt::format("killed by signal {}", outcome.signal)
                                   : fmt::format("exit code {}", outcome.exit_code);
    if (!check.passed && !outcome.err.empty())
        check.seen += ": " + outcome.err.substr(0, outcome.err.find('\n'));
    return check;
}

} // namespace

StepOutcome run_step(lab::Session& session, const scenario::Step& step,
                     const scenario::Scenario& scenario, Tracers& tracers, Progress& progress) {
    const auto begin = Clock::now();
    StepOutcome outcome;
    outcome.name = step.name;
    for (const scenario::Ruleset& ruleset : step.apply) {
        progress.phase(
            fmt::format("{}: applying {} at {}", step.name, ruleset.engine, ruleset.node));
        apply(session, ruleset, scenario.file_of(ruleset.where));
        outcome.applied.push_back(
            {ruleset.node, ruleset.engine, ruleset.text,
             ruleset.file.empty() ? scenario.file_of(ruleset.where) : ruleset.file,
             ruleset.where.line});
    }
    Captures captures(session, step.capture);
    for (const scenario::RunCommand& command : step.run) {
        progress.phase(
            fmt::format("{}: running `{}` at {}", step.name, command.command, command.node));
        outcome.commands.push_back(run_command(session, command));
        outcome.checks.push_back(exit_check(command, outcome.commands.back()));
    }
    // What changed the rules is known to nfverdict before the packets that they decide about.
    tracers.synchronise();
    std::vector<Sending> traffic;
    for (const scenario::Send& order : step.send) {
        progress.phase(fmt::format("{}: {} sends to {}", step.name, order.from, order.to));
        // What is sent may leave connections behind, which last until the step is over.
        Sending& sending = traffic.emplace_back(session, order);
        const auto packets = sending.finish();
        outcome.sent.insert(outcome.sent.end(), packets.begin(), packets.end());
        if (const auto total = sending.total())
            outcome.traffic.push_back(*total);
    }
    outcome.captures = captures.finish();
    outcome.paths =
        verdict::assemble(outcome.sent, tracers.collect(), hop_distance(session.plan()));
    for (const scenario::Expectation& expectation : step.expect) {
        if (expectation.capture) {
            outcome.checks.push_back(judge_capture(expectation, outcome.captures));
            continue;
        }
        const auto judgement = verdict::judge(expectation, outcome.sent, outcome.paths);
        outcome.checks.push_back({expectation.text, expectation.where.line, judgement.passed,
                                  judgement.expected, judgement.seen, judgement.paths});
    }
    outcome.duration = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
    return outcome;
}

} // namespace nflab::step

// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/step/step.hpp"

#include "harness/step/apply.hpp"
#include "harness/step/capture.hpp"
#include "harness/step/gather.hpp"
#include "harness/step/hops.hpp"
#include "harness/step/judge_capture.hpp"
#include "harness/step/send.hpp"
#include "harness/verdict/match.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace nflab::step {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds pause_between_attempts{100};
constexpr std::chrono::seconds longest_start{20};

// A script is known by how it begins.
std::string first_line(const std::string& command) {
    const std::size_t end = command.find('\n');
    const bool more = end != std::string::npos && end + 1 < command.size();
    return command.substr(0, end) + (more ? " …" : "");
}

Check exit_check(const scenario::RunCommand& command, const CommandOutcome& outcome) {
    Check check;
    check.expectation = command.command;
    check.line = command.where.line;
    check.passed =
        !outcome.timed_out && outcome.signal == 0 && outcome.exit_code == command.exit_code;
    check.expected = fmt::format("exit code {} of `{}` at {}", command.exit_code,
                                 first_line(command.command), command.node);
    check.seen = outcome.timed_out ? "it did not end in time"
                 : outcome.signal  ? fmt::format("killed by signal {}", outcome.signal)
                                   : fmt::format("exit code {}", outcome.exit_code);
    if (!check.passed && !outcome.err.empty())
        check.seen += ": " + outcome.err.substr(0, outcome.err.find('\n'));
    return check;
}

void finish(Sending& sending, StepOutcome& outcome) {
    const auto packets = sending.finish();
    outcome.sent.insert(outcome.sent.end(), packets.begin(), packets.end());
    if (const auto total = sending.total())
        outcome.traffic.push_back(*total);
}

} // namespace

StepRunner::StepRunner(lab::Session& session, const scenario::Scenario& scenario, Tracers& tracers,
                       Progress& progress)
    : session_(session), scenario_(scenario), tracers_(tracers), progress_(progress),
      observer_(session, scenario) {}

void StepRunner::run(const scenario::Step& step, const OnOutcome& done) {
    if (step.until) {
        const auto deadline = Clock::now() + *step.until;
        StepOutcome outcome = run_once(step);
        int attempts = 1;
        for (; !outcome.passed() && Clock::now() < deadline; ++attempts) {
            pause(pause_between_attempts);
            outcome = run_once(step);
        }
        for (Check& check : outcome.checks)
            if (!check.passed)
                check.seen += fmt::format(" (at the last of {} attempts)", attempts);
        done(std::move(outcome));
        return;
    }
    for (int i = 1; i <= step.repeat.times; ++i) {
        if (i > 1)
            pause(step.repeat.interval);
        StepOutcome outcome = run_once(step);
        if (step.repeat.times > 1)
            outcome.name += fmt::format(" ({} of {})", i, step.repeat.times);
        done(std::move(outcome));
    }
}

void StepRunner::look_back(const OnOutcome& done) {
    StepOutcome outcome;
    outcome.name = "kernel log";
    outcome.checks = observer_.unwanted_messages();
    if (!outcome.checks.empty())
        done(std::move(outcome));
}

StepOutcome StepRunner::run_once(const scenario::Step& step) {
    const auto begin = Clock::now();
    StepOutcome outcome;
    outcome.name = step.name;
    observer_.begin(step);
    if (!step.restore.empty()) {
        progress_.phase(fmt::format("{}: back to {}", step.name, step.restore));
        observer_.restore(step.restore);
    }
    load(step.name, step.apply, outcome);
    Captures captures(session_, step.capture);
    act(step.name, step.run, step.wait, outcome);
    if (!step.snapshot.empty()) {
        progress_.phase(fmt::format("{}: snapshot {}", step.name, step.snapshot));
        outcome.snapshots = observer_.take_snapshot(step.snapshot);
    }
    // What changed the rules is known to nfverdict before the packets that they decide about.
    tracers_.synchronise();
    // What is sent may leave connections behind, which last until the step is over.
    std::vector<Sending> traffic;
    if (step.during.empty())
        send(step, traffic, outcome);
    else
        send_meanwhile(step, traffic, outcome);
    outcome.captures = captures.finish();
    outcome.paths =
        verdict::assemble(outcome.sent, tracers_.collect(), hop_distance(session_.plan()));
    observer_.forget();
    for (const scenario::Expectation& expectation : step.expect) {
        if (expectation.capture) {
            outcome.checks.push_back(judge_capture(expectation, outcome.captures));
            continue;
        }
        if (expectation.observation) {
            progress_.phase(fmt::format("{}: looking at {}", step.name, expectation.at));
            for (Check& check : observer_.check(expectation))
                outcome.checks.push_back(std::move(check));
            continue;
        }
        const auto judgement = verdict::judge(expectation, outcome.sent, outcome.paths);
        outcome.checks.push_back({expectation.text, expectation.where.line, judgement.passed,
                                  judgement.expected, judgement.seen, judgement.paths});
    }
    outcome.duration = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
    return outcome;
}

void StepRunner::load(const std::string& name, const std::vector<scenario::Ruleset>& rulesets,
                      StepOutcome& outcome) {
    for (const scenario::Ruleset& ruleset : rulesets) {
        progress_.phase(fmt::format("{}: applying {} at {}", name, ruleset.engine, ruleset.node));
        apply(session_, ruleset, scenario_.file_of(ruleset.where));
        outcome.applied.push_back(as_applied(ruleset, scenario_));
    }
}

void StepRunner::act(const std::string& name, const std::vector<scenario::RunCommand>& commands,
                     const scenario::Wait& wait, StepOutcome& outcome) {
    for (const scenario::RunCommand& command : commands) {
        progress_.phase(
            fmt::format("{}: running `{}` at {}", name, first_line(command.command), command.node));
        outcome.commands.push_back(run_command(session_, command));
        outcome.checks.push_back(exit_check(command, outcome.commands.back()));
    }
    if (wait.time.count() > 0 || wait.condition)
        progress_.phase(fmt::format("{}: waiting", name));
    pause(wait.time);
    observer_.forget();
    if (wait.condition)
        for (Check& check : observer_.check(*wait.condition))
            outcome.checks.push_back(std::move(check));
}

void StepRunner::send(const scenario::Step& step, std::vector<Sending>& traffic,
                      StepOutcome& outcome) {
    for (const scenario::Send& order : step.send) {
        progress_.phase(fmt::format("{}: {} sends to {}", step.name, order.from, order.to));
        finish(traffic.emplace_back(session_, order), outcome);
    }
}

void StepRunner::send_meanwhile(const scenario::Step& step, std::vector<Sending>& traffic,
                                StepOutcome& outcome) {
    for (const scenario::Send& order : step.send) {
        progress_.phase(fmt::format("{}: {} sends to {}", step.name, order.from, order.to));
        traffic.emplace_back(session_, order);
    }
    const auto all = [&](bool (Sending::*is)() const) {
        return std::all_of(traffic.begin(), traffic.end(),
                           [is](const Sending& each) { return (each.*is)(); });
    };
    session_.wait([&] { return all(&Sending::begun); }, longest_start);
    for (const scenario::Meanwhile& meanwhile : step.during)
        for (int i = 1; i <= meanwhile.repeat.times; ++i) {
            if (i > 1)
                pause(meanwhile.repeat.interval);
            load(step.name, meanwhile.apply, outcome);
            act(step.name, meanwhile.run, meanwhile.wait, outcome);
        }
    session_.wait([&] { return all(&Sending::ended); }, std::chrono::milliseconds(0));
    if (all(&Sending::ended))
        outcome.checks.push_back({"during",
                                  step.during.back().where.line,
                                  false,
                                  "traffic under way while all of this is done",
                                  "it had ended before: send more, or do less",
                                  {}});
    for (Sending& each : traffic)
        finish(each, outcome);
}

void StepRunner::pause(std::chrono::milliseconds time) {
    const auto end = Clock::now() + time;
    for (auto now = Clock::now(); now < end; now = Clock::now())
        session_.wait([] { return false; },
                      std::chrono::ceil<std::chrono::milliseconds>(end - now));
}

} // namespace nflab::step

// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/step/observer.hpp"

#include "harness/base/error.hpp"
#include "harness/observe/snapshot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <variant>

namespace nflab::step {
namespace {

using Clock = std::chrono::steady_clock;

// No snapshot can be called so.
constexpr const char* beginning_of_step = "the step's beginning";
constexpr const char* beginning_of_all = "the beginning";

constexpr std::chrono::milliseconds pause_between_looks{100};

scenario::Expectation quiet_kernel(const scenario::QuietKernel& wanted) {
    scenario::KernelLog log;
    log.level = wanted.level;
    log.allow = wanted.allow;
    scenario::Expectation expectation;
    expectation.text = "kernel_log";
    expectation.where = wanted.where;
    expectation.observation = log;
    return expectation;
}

template <typename Do>
void for_each_observation(const scenario::Step& step, Do&& act) {
    for (const scenario::Expectation& expectation : step.expect)
        if (expectation.observation)
            act(expectation);
    if (step.wait.condition)
        act(*step.wait.condition);
    for (const scenario::Meanwhile& meanwhile : step.during)
        if (meanwhile.wait.condition)
            act(*meanwhile.wait.condition);
}

} // namespace

Observer::Observer(lab::Session& session, const scenario::Scenario& scenario)
    : session_(session), scenario_(scenario) {
    for (const scenario::Node& node : scenario.nodes)
        if (node.kind == scenario::NodeKind::vm)
            guests_.push_back(node.name);
    if (scenario.kernel_log.level < 0)
        return;
    const auto look = observe::look(*quiet_kernel(scenario.kernel_log).observation);
    for (const std::string& guest : guests_)
        remember(beginning_of_all, guest, look);
}

observe::Answer Observer::ask(const std::string& node, const observe::Look& look,
                              const std::string& input) {
    channel::RunRequest request;
    request.argv = look.argv;
    request.input = !input.empty();
    request.timeout_ms = static_cast<std::uint32_t>(look.timeout.count());
    lab::RunResult result = session_.run(node, request, input);
    observe::Answer answer;
    answer.exit_code = result.status.code;
    answer.signal = result.status.signal;
    answer.timed_out = result.status.timed_out;
    answer.out = std::move(result.out);
    answer.err = result.status.error.empty() ? std::move(result.err) : result.status.error;
    if (!result.status.error.empty() && answer.exit_code == 0)
        answer.exit_code = 127; // as a shell says that there is no such program
    return answer;
}

// A command of the user's is run as often as it is written: it may well be meant to.
observe::Answer Observer::ask_once(const std::string& node, const observe::Look& look) {
    Answers& answers = fresh_[node];
    for (const auto& [asked, answer] : answers)
        if (asked == look)
            return answer;
    answers.emplace_back(look, ask(node, look));
    return answers.back().second;
}

void Observer::remember(const std::string& moment, const std::string& node,
                        const observe::Look& look) {
    if (remembered(moment, node, look) == nullptr)
        memory_[{moment, node}].emplace_back(look, ask(node, look));
}

const observe::Answer* Observer::remembered(const std::string& moment, const std::string& node,
                                            const observe::Look& look) const {
    const auto answers = memory_.find({moment, node});
    if (answers == memory_.end())
        return nullptr;
    for (const auto& [asked, answer] : answers->second)
        if (asked == look)
            return &answer;
    return nullptr;
}

std::vector<std::string> Observer::nodes_of(const scenario::Expectation& expectation) const {
    return expectation.at.empty() ? guests_ : std::vector<std::string>{expectation.at};
}

void Observer::begin(const scenario::Step& step) {
    for (const std::string& guest : guests_)
        memory_.erase({beginning_of_step, guest});
    for_each_observation(step, [&](const scenario::Expectation& expectation) {
        if (observe::needs_beginning(*expectation.observation))
            for (const std::string& node : nodes_of(expectation))
                remember(beginning_of_step, node, observe::look(*expectation.observation));
    });
}

std::vector<NodeSnapshot> Observer::take_snapshot(const std::string& name) {
    std::vector<NodeSnapshot> evidence;
    const auto look = observe::snapshot_look();
    for (const std::string& guest : guests_) {
        memory_.erase({name, guest});
        remember(name, guest, look);
        const observe::Answer& answer = *remembered(name, guest, look);
        evidence.push_back({name, guest, observe::snapshot_parts_of(answer.out)});
    }
    for (const scenario::Step& step : scenario_.steps)
        for_each_observation(step, [&](const scenario::Expectation& expectation) {
            if (observe::needs_snapshot(*expectation.observation) == name)
                remember(name, expectation.at, observe::look(*expectation.observation));
        });
    return evidence;
}

void Observer::restore(const std::string& name) {
    const auto look = observe::snapshot_look();
    for (const std::string& guest : guests_) {
        const observe::Answer* snapshot = remembered(name, guest, look);
        if (snapshot == nullptr)
            continue;
        const observe::Answer answer = ask(guest, observe::restore_look(), snapshot->out);
        if (answer.exit_code != 0 || answer.signal != 0 || answer.timed_out)
            throw Error(Failure::lab,
                        fmt::format("node '{}' cannot be put back to snapshot '{}'", guest, name),
                        answer.err);
    }
}

std::vector<Check> Observer::check(const scenario::Expectation& expectation) {
    const observe::Look look = observe::look(*expectation.observation);
    const std::string snapshot = observe::needs_snapshot(*expectation.observation);
    const bool since_beginning = observe::needs_beginning(*expectation.observation);
    const auto deadline = Clock::now() + expectation.until.value_or(std::chrono::milliseconds(0));
    std::vector<Check> checks;
    for (const std::string& node : nodes_of(expectation)) {
        scenario::Expectation here = expectation;
        here.at = node;
        const observe::Answer* then =
            remembered(since_beginning ? beginning_of_step : snapshot, node, look);
        const bool own = std::holds_alternative<scenario::CommandOutput>(*here.observation);
        auto judgement = observe::judge(here, own ? ask(node, look) : ask_once(node, look), then);
        while (!judgement.passed && Clock::now() < deadline) {
            session_.wait([] { return false; }, pause_between_looks);
            forget();
            judgement = observe::judge(here, ask(node, look), then);
        }
        if (!judgement.passed && expectation.until)
            judgement.seen += fmt::format(" (after {} ms)", expectation.until->count());
        checks.push_back({expectation.text,
                          expectation.where.line,
                          judgement.passed,
                          judgement.expected,
                          judgement.seen,
                          {}});
    }
    return checks;
}

std::vector<Check> Observer::unwanted_messages() {
    std::vector<Check> checks;
    if (scenario_.kernel_log.level < 0)
        return checks;
    scenario::Expectation expectation = quiet_kernel(scenario_.kernel_log);
    const auto look = observe::look(*expectation.observation);
    for (const std::string& guest : guests_) {
        expectation.at = guest;
        const auto judgement = observe::judge(expectation, ask(guest, look),
                                              remembered(beginning_of_all, guest, look));
        if (!judgement.passed)
            checks.push_back({expectation.text,
                              expectation.where.line,
                              false,
                              judgement.expected,
                              judgement.seen + "; `kernel_log` in the scenario can allow it",
                              {}});
    }
    return checks;
}

} // namespace nflab::step

// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/cli/run_watch.hpp"

#include "harness/base/file_watch.hpp"
#include "harness/scenario/include.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <vector>

namespace nflab::cli {
namespace {

class ListenerProgress : public Progress {
  public:
    ListenerProgress(report::Listener& listener, const report::CellName& cell)
        : listener_(listener), cell_(cell) {}
    void phase(const std::string& what) override { listener_.phase(cell_, what); }
    void notice(const std::string& message) override { listener_.notice(message); }

  private:
    report::Listener& listener_;
    const report::CellName& cell_;
};

std::vector<std::filesystem::path> ruleset_files(const scenario::Scenario& scenario) {
    std::vector<std::filesystem::path> files;
    for (const scenario::Step& step : scenario.steps)
        for (const scenario::Ruleset& ruleset : step.apply)
            if (!ruleset.file.empty())
                files.emplace_back(ruleset.file);
    return files;
}

void show(const Error& error) {
    fmt::print(stderr, "nflab: {}\n", error.what());
    if (!error.hint().empty())
        fmt::print(stderr, "  hint: {}\n", error.hint());
}

} // namespace

void run_watched(const std::string& file, const std::function<WatchedCell()>& read,
                 report::Listener& listener) {
    step::WaitingLab waiting;
    FileWatch watch;
    watch.add({file});
    for (bool first = true;; first = false) {
        try {
            WatchedCell cell = read();
            watch.add(ruleset_files(cell.scenario));
            cell.options.waiting = &waiting;
            const report::CellName name{0, cell.scenario.full_name(), file, cell.options.kernel};
            ListenerProgress progress(listener, name);
            cell.options.on_step = [&](const step::StepOutcome& step, std::size_t number) {
                listener.step(name, number, step);
            };
            const auto outcome = step::run_cell(cell.scenario, cell.options, progress).outcome;
            listener.cell(name, outcome);
            if (!first)
                listener.notice(waiting.was_waiting()
                                    ? "the lab was up already: only the steps were run"
                                    : "nodes or networks have changed: the lab was made anew");
            waiting.renew(progress);
        } catch (const Error& error) {
            show(error);
        }
        fmt::print(stderr, "waiting for {} to be saved; Ctrl-C ends\n", file);
        std::fflush(stdout);
        watch.wait(std::string(scenario::part_suffix));
    }
}

} // namespace nflab::cli

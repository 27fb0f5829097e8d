// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/bench/library.hpp"

#include "harness/matrix/resources.hpp"
#include "harness/matrix/run_cells.hpp"

#include <fmt/format.h>

#include <chrono>

namespace nflab::bench {
namespace {

using Status = step::CellOutcome::Status;

double seconds_of(const step::CellOutcome& outcome) {
    std::chrono::milliseconds sum{};
    for (const auto& [phase, duration] : outcome.phases)
        sum += duration;
    return std::chrono::duration<double>(sum).count();
}

LibraryRun run_all(const std::vector<scenario::Scenario>& scenarios, const step::CellOptions& cell,
                   unsigned jobs, const char* way, Progress& progress, LibraryResult& result) {
    std::vector<matrix::CellOrder> orders;
    orders.reserve(scenarios.size());
    for (const scenario::Scenario& scenario : scenarios)
        orders.push_back({&scenario, cell});
    matrix::Audience audience;
    std::size_t ended = 0;
    audience.phase = [&](std::size_t index, const std::string&) {
        progress.phase(fmt::format("{}: {} of {}, {}", way, ended + 1, orders.size(),
                                   scenarios[index].full_name()));
    };
    audience.notice = [&](const std::string& message) { progress.notice(message); };
    audience.end = [&](std::size_t, const matrix::CellResult&) { ++ended; };
    const auto begin = std::chrono::steady_clock::now();
    const auto results = matrix::run_cells(orders, jobs, audience);
    LibraryRun run;
    run.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    for (const matrix::CellResult& each : results) {
        const step::CellOutcome& outcome = each.outcome;
        if (outcome.status == Status::skipped) {
            ++run.skipped;
            continue;
        }
        result.kernel_release = outcome.kernel_release;
        result.accelerator = outcome.accelerator;
        run.scenarios.emplace_back(outcome.scenario_name, seconds_of(outcome));
        if (outcome.status == Status::passed)
            ++run.passed;
        else
            run.others.push_back(fmt::format("{}: {}", outcome.scenario_name,
                                             outcome.reason.empty() ? "failed" : outcome.reason));
    }
    return run;
}

} // namespace

double LibraryRun::mean() const {
    return scenarios.empty() ? 0 : seconds / static_cast<double>(scenarios.size());
}

LibraryResult measure_library(const std::vector<scenario::Scenario>& scenarios,
                              const LibraryOptions& options, Progress& progress) {
    LibraryResult result;
    result.jobs =
        options.jobs > 0 ? options.jobs : matrix::default_jobs(matrix::resources(), scenarios);
    step::CellOptions cell = options.cell;
    if (options.baseline) {
        cell.warm = false;
        result.baseline = run_all(scenarios, cell, 1, "cold, one by one", progress, result);
    }
    cell.warm = true;
    result.run = run_all(scenarios, cell, result.jobs, "warm", progress, result);
    return result;
}

} // namespace nflab::bench

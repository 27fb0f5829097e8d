// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/cli/bench_attribution.hpp"

#include "harness/bench/attribution.hpp"
#include "harness/report/progress_line.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace nflab::cli {
namespace {

std::string number(const std::optional<std::uint64_t>& value) {
    return value ? std::to_string(*value) : "-";
}

nlohmann::json to_json(const bench::Cost& cost) {
    nlohmann::json out{{"engine", cost.engine},
                       {"rules", cost.rules},
                       {"observer", cost.observer},
                       {"packets", cost.packets}};
    if (!cost.instructions.empty()) {
        out["instructions_per_packet"] = cost.instructions;
        out["median"] = cost.median();
        out["spread"] = cost.spread();
        out["ratio"] = cost.ratio;
    }
    if (cost.rate != 0)
        out["packets_per_second"] = cost.rate;
    if (cost.seen)
        out["seen"] = *cost.seen;
    if (cost.told_lost)
        out["told_lost"] = *cost.told_lost;
    if (!cost.remark.empty())
        out["remark"] = cost.remark;
    return out;
}

void print_costs(const std::vector<bench::Cost>& costs) {
    fmt::print("{:<9} {:>5} {:<44} {:>9} {:>6} {:>7} {:>8} {:>8} {:>9}\n", "engine", "rules", "",
               "instr/pkt", "ratio", "spread", "packets", "seen", "told lost");
    for (const bench::Cost& cost : costs) {
        if (!cost.remark.empty()) {
            fmt::print("{:<9} {:>5} {:<44} {}\n", cost.engine, cost.rules, cost.observer,
                       cost.remark);
            continue;
        }
        const std::string measured = cost.instructions.empty()
                                         ? fmt::format("{:>15.0f}/s {:>6}", cost.rate, "")
                                         : fmt::format("{:>9.0f} {:>6.3f} {:>6.2f}%", cost.median(),
                                                       cost.ratio, cost.spread() * 100);
        fmt::print("{:<9} {:>5} {:<44} {} {:>8} {:>8} {:>9}\n", cost.engine, cost.rules,
                   cost.observer, measured, cost.packets, number(cost.seen),
                   number(cost.told_lost));
    }
}

void run(const bench::AttributionOptions& options, const Context& context) {
    report::ProgressLine line;
    report::SilentProgress silent;
    const bench::AttributionResult result = bench::measure_attribution(
        options, context.json ? static_cast<Progress&>(silent) : static_cast<Progress&>(line));
    line.clear();
    if (context.json) {
        nlohmann::json out{{"kernel", result.kernel_release},
                           {"attach_ms", result.attach_ms},
                           {"costs", nlohmann::json::array()},
                           {"at_rate", nlohmann::json::array()},
                           {"rate", options.rate}};
        for (const bench::Cost& cost : result.costs)
            out["costs"].push_back(to_json(cost));
        for (const bench::Cost& cost : result.at_rate)
            out["at_rate"].push_back(to_json(cost));
        fmt::print("{}\n", out.dump(2));
        return;
    }
    fmt::print("{} under TCG with -icount shift=0; medians of {} rounds\n\n", result.kernel_release,
               options.rounds);
    print_costs(result.costs);
    if (!result.at_rate.empty()) {
        fmt::print("\nat {} packets a second of the guest\n\n", options.rate);
        print_costs(result.at_rate);
    }
    fmt::print("\nattached with self-test in {} ms of the guest's time (first and second start)\n",
               fmt::join(result.attach_ms, ", "));
}

} // namespace

void add_bench_attribution(CLI::App& bench, Context& context) {
    auto options = std::make_shared<bench::AttributionOptions>();
    CLI::App* command = bench.add_subcommand(
        "attribution", "Instructions of the guest per packet, traced against untraced");
    command->add_option("--kernel", options->kernel, "kernel (default: the lock's default)");
    command->add_option("--rules", options->rules, "numbers of rules")
        ->check(CLI::Range(1, 10000))
        ->capture_default_str();
    command->add_option("--packets", options->packets, "packets of each round")
        ->check(CLI::Range(100, 1000000))
        ->capture_default_str();
    command->add_option("--rounds", options->rounds, "how often each is measured")
        ->check(CLI::Range(1, 20))
        ->capture_default_str();
    command->add_option("--rate", options->rate, "packets a second, for one second; 0: not tried")
        ->check(CLI::Range(0, 1000000))
        ->capture_default_str();
    command->callback([options, &context] { run(*options, context); });
}

} // namespace nflab::cli

// SPDX-License-Identifier: GPL-2.0-or-later
// nflab-witness: nfverdict against independent witnesses (docs/witness.md).
// Exit codes: 0 nobody disagreed; 1 somebody did; 2 wrong arguments; 3 the lab failed.
#include "harness/base/error.hpp"
#include "tests/differential/session.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdio>
#include <fstream>

namespace {

int print_report(const std::vector<std::string>& files) {
    nlohmann::json all = nlohmann::json::array();
    for (const std::string& file : files) {
        std::ifstream in(file);
        const auto summaries = nlohmann::json::parse(in, nullptr, false);
        if (!summaries.is_array()) {
            fmt::print(stderr, "nflab-witness: '{}' is no file of --json\n", file);
            return 2;
        }
        all.insert(all.end(), summaries.begin(), summaries.end());
    }
    fmt::print("{}", nflab::witness::to_markdown(all));
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    using namespace nflab;
    witness::Plan plan;
    std::vector<std::string> kernels;
    std::string json;
    std::vector<std::string> report;
    bool quiet = false;

    CLI::App app{
        "Holds nfverdict's records against other witnesses, with random rulesets and packets."};
    app.add_option("-n,--packets", plan.packets, "packets per kernel")
        ->check(CLI::Range(1, 1'000'000));
    app.add_option("--seed", plan.seed, "where the random numbers begin");
    app.add_option("--kernel", kernels, "name in the lock file; may be repeated");
    app.add_option("--batch", plan.batch, "packets per ruleset")->check(CLI::Range(1, 1000));
    app.add_option("--only", plan.only_batch, "replay this batch alone");
    app.add_option("--questions", plan.questions, "runs that a reduction may take; 0: none");
    app.add_option("--nfverdict", plan.lab.nfverdict,
                   "run this program instead of the guest's own");
    app.add_option("--keep", plan.lab.keep, "write what the oracles said into this directory");
    app.add_option("--json", json, "write the summaries to this file");
    app.add_option("--report", report,
                   "run nothing: print the tables of docs/witness.md from files of --json");
    app.add_flag("--quiet", quiet, "no progress");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    if (!report.empty())
        return print_report(report);
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    if (!quiet)
        plan.lab.progress = [begin = std::chrono::steady_clock::now()](const std::string& words) {
            fmt::print(
                stderr, "{:7.1f} {}\n",
                std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(),
                words);
        };
    if (kernels.empty())
        kernels.emplace_back();

    int code = 0;
    nlohmann::json summaries = nlohmann::json::array();
    for (const std::string& kernel : kernels) {
        plan.lab.kernel = kernel;
        try {
            const witness::Summary summary = run_witness(plan);
            fmt::print("{}", to_text(summary));
            if (!summary.passed()) {
                code = std::max(code, 1);
                fmt::print("  again: nflab-witness --seed {} --packets {} --batch {}{}\n",
                           plan.seed, plan.packets, plan.batch,
                           kernel.empty() ? "" : " --kernel " + kernel);
            }
            summaries.push_back(summary);
        } catch (const Error& error) {
            fmt::print(stderr, "nflab-witness: {}: {}\n",
                       kernel.empty() ? "default kernel" : kernel, error.what());
            code = std::max(code, static_cast<int>(error.failure()));
        }
    }
    if (!json.empty())
        std::ofstream(json) << summaries.dump(2) << "\n";
    return code;
}

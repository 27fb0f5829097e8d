// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/host/doctor.hpp"

#include "harness/base/error.hpp"
#include "harness/cli/command.hpp"
#include "harness/report/style.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace nflab::cli {
namespace {

void doctor(Context& context) {
    const auto findings = host::examine();
    const report::Style style = report::Style::for_output(1);
    nlohmann::json document = nlohmann::json::array();
    for (const host::Finding& finding : findings) {
        document.push_back({{"what", finding.what},
                            {"good", finding.good},
                            {"needed", finding.needed},
                            {"detail", finding.detail},
                            {"remedy", finding.good ? "" : finding.remedy}});
        if (context.json)
            continue;
        // The colour codes must not count as width, so the word is padded before it is painted.
        const std::string answer = finding.good     ? style.good("yes ")
                                   : finding.needed ? style.bad("NO  ")
                                                    : style.warning("no  ");
        fmt::print("{} {:<22} {}\n", answer, finding.what, finding.detail);
        if (!finding.good)
            fmt::print("     {:<22} remedy: {}\n", "", finding.remedy);
    }
    if (context.json)
        fmt::print("{}\n", document.dump(2));
    const bool fit = std::all_of(findings.begin(), findings.end(),
                                 [](const host::Finding& f) { return f.good || !f.needed; });
    if (!context.json)
        fmt::print("\n{}\n", fit ? "This machine can run labs."
                                 : "This machine cannot run labs before the NOs are mended.");
    if (!fit)
        context.exit_code = static_cast<int>(Failure::lab);
}

} // namespace

void add_doctor(CLI::App& app, Context& context) {
    app.add_subcommand("doctor", "Say what this machine can do, and the remedy for what it cannot")
        ->callback([&context] { doctor(context); });
}

} // namespace nflab::cli

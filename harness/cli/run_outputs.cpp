// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/cli/run_outputs.hpp"

#include "harness/base/error.hpp"
#include "harness/report/html_report.hpp"
#include "harness/report/jsonl.hpp"
#include "harness/report/junit.hpp"
#include "harness/report/output.hpp"
#include "harness/report/screen.hpp"
#include "harness/report/tap.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

namespace nflab::cli {
namespace {

std::function<void(std::string_view)> writer(const std::string& path) {
    auto output = std::make_shared<report::Output>(path);
    return [output](std::string_view text) { output->write(text); };
}

} // namespace

void RunOutputs::add_to(CLI::App& command) {
    command.add_option("--report", report_directory,
                       "write an HTML report into this directory, with the captures beside it");
    command.add_option("--junit", junit, "write JUnit XML to this file");
    command.add_option("--tap", tap, "write TAP to this file, cell by cell; -: to standard output");
    command.add_option("--jsonl", jsonl,
                       "write a line of JSON to this file for each thing that happens, as it "
                       "happens; -: to standard output");
}

void RunOutputs::tell_where() const {
    if (!report_directory.empty())
        fmt::print(stderr, "report: {}\n",
                   (std::filesystem::path(report_directory) / "index.html").string());
}

void RunOutputs::open(report::Listeners& listeners, bool json) const {
    const int takers = (json ? 1 : 0) + (tap == "-" ? 1 : 0) + (jsonl == "-" ? 1 : 0);
    if (takers > 1)
        throw Error(Failure::bad_input,
                    "only one of --json, --tap - and --jsonl - can have "
                    "standard output",
                    "give the others a file");
    if (takers == 0)
        listeners.add(std::make_unique<report::Screen>());
    else
        listeners.add(std::make_unique<report::Whisper>());
    if (!jsonl.empty())
        listeners.add(std::make_unique<report::JsonLines>(writer(jsonl)));
    if (!tap.empty())
        listeners.add(std::make_unique<report::Tap>(writer(tap)));
    if (!report_directory.empty())
        listeners.add(std::make_unique<report::HtmlReport>(report_directory));
    if (!junit.empty())
        listeners.add(std::make_unique<report::JUnit>(writer(junit)));
}

} // namespace nflab::cli

// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/cli/kernel_sites.hpp"

#include "harness/base/error.hpp"
#include "harness/cli/say.hpp"
#include "harness/sites/choice.hpp"
#include "harness/sites/table.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <thread>

namespace nflab::cli {

namespace {

struct Options {
    sites::Wish wish;
    unsigned jobs = 0;
    bool markdown = false;
};

int show(const Options& options, bool json) {
    sites::Choice choice(say);
    const std::vector<sites::Subject> subjects = choice.subjects(options.wish);
    if (subjects.empty())
        throw Error(Failure::bad_input, "the archive holds no such kernels");
    const unsigned jobs =
        options.jobs ? options.jobs : std::max(1U, std::thread::hardware_concurrency());
    const auto reports = sites::survey(subjects, jobs, say);
    if (json)
        fmt::print("{}\n", sites::to_json(reports).dump(2));
    else if (options.markdown)
        fmt::print("{}", sites::to_markdown(reports));
    else
        fmt::print("{}", sites::to_text(reports));
    say(sites::summary(reports));
    return std::all_of(reports.begin(), reports.end(), sites::is_clean)
               ? 0
               : static_cast<int>(Failure::check);
}

} // namespace

void add_kernel_sites(CLI::App& kernels, Context& context) {
    const auto options = std::make_shared<Options>();
    CLI::App* command = kernels.add_subcommand(
        "sites", "Find the probe sites of kernels; without a name of those in the lock");
    CLI::Option* names = command->add_option(
        "kernel", options->wish.names,
        "names of `nflab kernels list`, releases that the archive holds, or paths");
    CLI::Option* all =
        command->add_flag("--all", options->wish.all, "every complete kernel of Debian's archive");
    all->excludes(names);
    command->add_option("--suite", options->wish.suites, "with --all: only kernels of this suite")
        ->needs(all);
    command
        ->add_option("--flavour", options->wish.flavour,
                     "with --all: only this one (cloud-amd64, amd64, rt-amd64)")
        ->needs(all);
    command->add_option("--debug-symbols", options->wish.debug_symbols,
                        "compare with DWARF: a directory like /usr/lib/debug, `auto` to fetch the "
                        "archive's (0.3-1.2 GB for each kernel), `cached` to fetch none");
    command->add_option("-j,--jobs", options->jobs, "kernels at a time; default: one per processor")
        ->check(CLI::Range(1U, 256U));
    command->add_flag("--markdown", options->markdown, "tables for the documentation");
    command->callback([&context, options] { context.exit_code = show(*options, context.json); });
}

} // namespace nflab::cli

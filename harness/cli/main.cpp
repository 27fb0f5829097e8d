// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/cli/command.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <exception>

namespace {

int fail(const nflab::Error& error) {
    fmt::print(stderr, "nflab: {}\n", error.what());
    if (!error.hint().empty())
        fmt::print(stderr, "  hint: {}\n", error.hint());
    return static_cast<int>(error.failure());
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app("nflab boots real kernels into packet-filter labs and says for every packet which "
                 "hook, table, chain and rule gave the verdict.");
    app.set_version_flag("--version", NFLAB_VERSION);
    app.require_subcommand(1);
    app.fallthrough();
    nflab::cli::Context context;
    app.add_flag("--json", context.json, "one JSON document on standard output");
    for (const auto add :
         {nflab::cli::add_doctor,        nflab::cli::add_validate, nflab::cli::add_new,
          nflab::cli::add_fmt,           nflab::cli::add_explain,  nflab::cli::add_run,
          nflab::cli::add_mutants,       nflab::cli::add_up,       nflab::cli::add_down,
          nflab::cli::add_status,        nflab::cli::add_exec,     nflab::cli::add_shell,
          nflab::cli::add_hooks,         nflab::cli::add_console,  nflab::cli::add_cp,
          nflab::cli::add_tables,        nflab::cli::add_trace,    nflab::cli::add_why,
          nflab::cli::add_kernels,       nflab::cli::add_image,    nflab::cli::add_bench,
          nflab::cli::add_lab_supervisor})
        add(app, context);
    try {
        app.parse(argc, argv);
        return context.exit_code;
    } catch (const CLI::ParseError& error) {
        const int code = app.exit(error);
        return code == 0 ? 0 : static_cast<int>(nflab::Failure::bad_input);
    } catch (const nflab::Error& error) {
        return fail(error);
    } catch (const std::exception& error) {
        return fail(nflab::Error(nflab::Failure::lab, error.what(),
                                 "this is not an error that nflab foresaw: please report it"));
    }
}

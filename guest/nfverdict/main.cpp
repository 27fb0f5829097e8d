// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/hooks.hpp"
#include "guest/nfverdict/output.hpp"
#include "guest/nfverdict/tables.hpp"
#include "guest/nfverdict/trace.hpp"
#include "harness/base/error.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <chrono>
#include <string>

namespace {

using namespace nflab::nfverdict;

// The harness reads standard output only.
int fail(const nflab::Error& error, bool json) {
    const std::string text =
        error.hint().empty() ? error.what() : fmt::format("{} ({})", error.what(), error.hint());
    if (json) {
        Output output;
        output.error(text);
        output.flush();
    } else {
        fmt::print(stderr, "nfverdict: {}\n", text);
    }
    return static_cast<int>(error.failure());
}

} // namespace

int main(int argc, char** argv) {
    Options options;
    bool json = false;
    unsigned duration = 0;
    std::string method;
    std::string netns;

    CLI::App app{"which rule decided about which packet: nftables and legacy iptables"};
    app.require_subcommand(1);
    CLI::App* trace_command = app.add_subcommand("trace", "write records as JSON lines");
    CLI::App* check_command =
        app.add_subcommand("check", "find the probe sites, prove them, and say what was found");
    CLI::App* hooks_command =
        app.add_subcommand("hooks", "the functions in all netfilter hooks, in their order");
    hooks_command->add_flag("--json", json, "as JSON");
    hooks_command->add_option("--netns", netns,
                              "another network namespace: name, process, inode, or all");
    trace_command->add_flag("--all", options.all, "jumps, returns and ends of chains, too");
    trace_command->add_option("--duration", duration, "end after so many seconds");
    trace_command->add_flag("--json", json, "as JSON");
    trace_command->add_flag("--until-eof", options.until_eof, "end with standard input");
    CLI::App* tables_command =
        app.add_subcommand("tables", "show legacy xtables' tables as the kernel holds them");
    check_command->add_flag("--json", json, "as JSON");
    tables_command->add_flag("--json", json, "as JSON");
    for (CLI::App* command : {trace_command, check_command}) {
        command->add_option("--method", method, "site or decoy (nftables)")
            ->check(CLI::IsMember({"site", "decoy"}));
        command->add_flag("--cross-check", options.cross_check,
                          "hold both methods against each other (nftables)");
        command->add_flag("--load", options.load, "load nf_tables, ip_tables and ip6_tables first");
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : static_cast<int>(nflab::Failure::bad_input);
    }
    if (!method.empty())
        options.method = method == "decoy" ? Method::decoy : Method::site;
    if (duration > 0)
        options.duration = std::chrono::seconds(duration);
    try {
        if (hooks_command->parsed())
            return show_hooks(netns, json);
        if (tables_command->parsed())
            return tables(json);
        return trace_command->parsed() ? trace(options) : check(options, json);
    } catch (const nflab::Error& error) {
        return fail(error, trace_command->parsed() || json);
    }
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/hooks/hooks.hpp"
#include "guest/nfverdict/kernel/netns.hpp"
#include "guest/nfverdict/kretprobe/kretprobe_trace.hpp"
#include "guest/nfverdict/method_options.hpp"
#include "guest/nfverdict/records/output.hpp"
#include "guest/nfverdict/tables/tables.hpp"
#include "guest/nfverdict/trace.hpp"
#include "harness/base/error.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <vector>

namespace {

using namespace nflab::nfverdict;

// The harness reads standard output only.
int fail(const nflab::Error& error, bool json) {
    const std::string text =
        error.hint().empty() ? error.what() : fmt::format("{} ({})", error.what(), error.hint());
    Output output(json ? Output::Format::json : Output::Format::text);
    output.error(text);
    output.flush();
    return static_cast<int>(error.failure());
}

// What the command line says, before it is looked at closely.
struct Words {
    std::string netns;
    std::vector<std::string> filter;
    unsigned duration = 0;
    bool json = false;
    bool text = false;
};

void add_trace_options(CLI::App& command, Options& options, Words& words) {
    command.add_option("filter", words.filter,
                       "only packets that a filter as in pcap-filter(7) lets through, on their "
                       "headers at each hook: 'tcp port 22 and host 10.0.0.1'");
    command.add_option("--verdict", options.records.verdicts, "only these verdicts: drop,reject")
        ->delimiter(',')
        ->check(CLI::IsMember({"accept", "drop", "reject", "queue", "stolen", "repeat", "continue",
                               "jump", "goto", "return"}));
    command.add_option("--hook", options.records.hooks, "only these hooks: forward,input")
        ->delimiter(',')
        ->check(CLI::IsMember({"prerouting", "input", "forward", "output", "postrouting", "ingress",
                               "egress", "broute"}));
    command.add_option("--netns", words.netns,
                       "only this network namespace: name, process or inode");
    command.add_flag("--all", options.all, "jumps, returns and ends of chains, too");
    command.add_option("--duration", words.duration, "end after so many seconds");
    command.add_flag("--count", options.count, "count records, without writing them");
    command.add_flag("--until-eof", options.until_eof, "end with standard input");
    command.add_flag("--text", words.text,
                     "text for people, as without it where standard output is a terminal");
}

void read_words(const Words& words, Options& options) {
    if (words.duration > 0)
        options.duration = std::chrono::seconds(words.duration);
    options.json = words.json || (!words.text && ::isatty(STDOUT_FILENO) == 0);
    options.packets = fmt::format("{}", fmt::join(words.filter, " "));
}

} // namespace

int main(int argc, char** argv) {
    Options options;
    Words words;

    CLI::App app{
        "Which rule decided about which packet: nftables and legacy iptables. nfverdict(8) "
        "says more."};
    app.require_subcommand(1);
    CLI::App* trace_command =
        app.add_subcommand("trace", "every verdict as it falls, as text or JSON lines");
    CLI::App* check_command =
        app.add_subcommand("check", "find the probe sites, prove them, and say what was found");
    CLI::App* hooks_command =
        app.add_subcommand("hooks", "the functions in all netfilter hooks, in their order");
    hooks_command->add_option("--netns", words.netns,
                              "another network namespace: name, process, inode, or all");
    CLI::App* tables_command =
        app.add_subcommand("tables", "legacy xtables' tables as the kernel holds them");
    add_trace_options(*trace_command, options, words);
    for (CLI::App* command : {trace_command, check_command, hooks_command, tables_command})
        command->add_flag("--json", words.json, "as JSON");
    for (CLI::App* command : {trace_command, check_command}) {
        add_method_options(*command, options);
        command->add_flag("--cross-check", options.cross_check,
                          "hold both methods against each other (nftables)");
        command->add_flag("--load", options.load,
                          "load their modules first; no table is made by that");
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : static_cast<int>(nflab::Failure::bad_input);
    }
    read_words(words, options);
    try {
        if (hooks_command->parsed())
            return show_hooks(words.netns, words.json);
        if (tables_command->parsed())
            return tables(words.json);
        if (!words.netns.empty())
            options.records.netns = Netns::named(words.netns).inode();
        const bool by_module = options.method == Method::kretprobe;
        if (check_command->parsed())
            return by_module ? kretprobe_check(options, words.json) : check(options, words.json);
        return by_module ? kretprobe_trace(options) : trace(options);
    } catch (const nflab::Error& error) {
        return fail(error, trace_command->parsed() ? options.json : words.json);
    }
}

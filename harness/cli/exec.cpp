// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/cli/command.hpp"
#include "harness/cli/forwarding.hpp"
#include "harness/cli/node_target.hpp"
#include "harness/lab/session.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>

namespace nflab::cli {
namespace {

void exec(std::vector<std::string> words, std::uint32_t timeout_ms, Context& context) {
    // Options end at LAB, so the "--" that people put before the command arrives as a word.
    if (const auto mark = std::find(words.begin(), words.end(), "--");
        mark != words.end() && mark - words.begin() <= 2)
        words.erase(mark);
    const NodeTarget target = node_target(words);
    if (target.rest.empty())
        throw Error(Failure::bad_input, "which command? `nflab exec LAB NODE -- COMMAND…`",
                    "`nflab shell LAB NODE` opens a terminal");
    lab::Session session = lab::Session::connect(target.lab.name);
    channel::RunRequest request;
    request.argv = target.rest;
    request.input = true;
    request.timeout_ms = timeout_ms;
    context.exit_code = forward(session, target.node, request, Keyboard::signals);
}

} // namespace

void add_exec(CLI::App& app, Context& context) {
    auto words = std::make_shared<std::vector<std::string>>();
    auto seconds = std::make_shared<double>(0);
    CLI::App* command = app.add_subcommand(
        "exec", "Run one command in a node: exec LAB NODE -- COMMAND…; its exit code is ours");
    command->add_option("--timeout", *seconds, "seconds until it is ended (exit code 124)")
        ->check(CLI::PositiveNumber);
    command->add_option("words", *words, "LAB NODE -- COMMAND…")->required();
    command->positionals_at_end();
    command->callback([words, seconds, &context] {
        exec(*words, static_cast<std::uint32_t>(*seconds * 1000), context);
    });
}

} // namespace nflab::cli

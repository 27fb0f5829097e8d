// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/cli/command.hpp"
#include "harness/cli/forwarding.hpp"
#include "harness/cli/node_target.hpp"
#include "harness/lab/session.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace nflab::cli {
namespace {

void tables(const std::vector<std::string>& words, Context& context) {
    const NodeTarget target = node_target(words);
    if (!target.rest.empty())
        throw Error(Failure::bad_input, "'" + target.rest.front() + "' follows the node",
                    "`nflab tables LAB NODE` shows all legacy tables that exist there");
    lab::Session session = lab::Session::connect(target.lab.name);
    channel::RunRequest request;
    request.argv = {"nfverdict", "tables"};
    if (context.json)
        request.argv.emplace_back("--json");
    context.exit_code = forward(session, target.node, request, Keyboard::signals);
}

} // namespace

void add_tables(CLI::App& app, Context& context) {
    auto words = std::make_shared<std::vector<std::string>>();
    CLI::App* command = app.add_subcommand(
        "tables", "Show a node's legacy xtables tables as its kernel holds them");
    command->add_option("words", *words, "LAB NODE")->required();
    command->callback([words, &context] { tables(*words, context); });
}

} // namespace nflab::cli

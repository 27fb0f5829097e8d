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

void hooks(const std::vector<std::string>& words, const std::string& netns, Context& context) {
    const NodeTarget target = node_target(words);
    if (!target.rest.empty())
        throw Error(Failure::bad_input, "hooks wants LAB NODE and nothing else");
    lab::Session session = lab::Session::connect(target.lab.name);
    channel::RunRequest request;
    request.argv = {"nfverdict", "hooks"};
    if (context.json)
        request.argv.emplace_back("--json");
    if (!netns.empty())
        request.argv.insert(request.argv.end(), {"--netns", netns});
    context.exit_code = forward(session, target.node, request, Keyboard::signals);
}

} // namespace

void add_hooks(CLI::App& app, Context& context) {
    auto words = std::make_shared<std::vector<std::string>>();
    auto netns = std::make_shared<std::string>();
    CLI::App* command =
        app.add_subcommand("hooks", "The functions in a guest's netfilter hooks, in their order");
    command->add_option("words", *words, "LAB NODE")->required()->expected(1, 2);
    command->add_option("--netns", *netns, "another network namespace: name, process, inode, all");
    command->callback([words, netns, &context] { hooks(*words, *netns, context); });
}

} // namespace nflab::cli

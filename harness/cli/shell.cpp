// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/cli/command.hpp"
#include "harness/cli/forwarding.hpp"
#include "harness/cli/node_target.hpp"
#include "harness/lab/session.hpp"

#include <CLI/CLI.hpp>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>

namespace nflab::cli {
namespace {

void shell(const std::vector<std::string>& words, Context& context) {
    const NodeTarget target = node_target(words);
    if (!target.rest.empty())
        throw Error(Failure::bad_input, "shell takes a lab and a node, nothing more",
                    "`nflab exec LAB NODE -- COMMAND…` runs one command");
    lab::Session session = lab::Session::connect(target.lab.name);
    channel::Terminal terminal;
    winsize size{};
    if (::ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0) {
        terminal.rows = size.ws_row;
        terminal.columns = size.ws_col;
    }
    if (const char* term = std::getenv("TERM"); term && *term)
        terminal.term = term;
    channel::RunRequest request;
    request.argv = {"bash", "-l"};
    request.environment = {{"TERM", terminal.term}};
    request.directory = "/root";
    request.terminal = terminal;
    request.input = true;
    context.exit_code = forward(session, target.node, request, Keyboard::raw);
}

} // namespace

void add_shell(CLI::App& app, Context& context) {
    auto words = std::make_shared<std::vector<std::string>>();
    CLI::App* command = app.add_subcommand("shell", "A terminal in a node");
    command->add_option("words", *words, "LAB NODE")->required()->expected(1, 2);
    command->callback([words, &context] { shell(*words, context); });
}

} // namespace nflab::cli

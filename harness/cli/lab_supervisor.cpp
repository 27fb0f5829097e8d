// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/cli/command.hpp"
#include "harness/lab/supervisor.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace nflab::cli {

void add_lab_supervisor(CLI::App& app, Context& context) {
    auto name = std::make_shared<std::string>();
    CLI::App* command = app.add_subcommand("lab-supervisor", "What a lab's first process runs");
    command->group(""); // not for people: absent from the help
    command->add_option("lab", *name)->required();
    command->callback([name, &context] { context.exit_code = lab::supervise(*name); });
}

} // namespace nflab::cli

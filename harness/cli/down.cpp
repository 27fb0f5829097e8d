// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/cli/command.hpp"
#include "harness/cli/only_lab.hpp"
#include "harness/lab/lab.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace nflab::cli {
namespace {

void down(const std::string& name, bool all, const Context& context) {
    const std::vector<lab::Running> labs = lab::list();
    std::vector<std::string> names;
    if (all || (name.empty() && labs.empty())) {
        for (const lab::Running& each : labs)
            names.push_back(each.name);
    } else {
        names.push_back(only_lab(name));
    }
    for (const std::string& each : names)
        lab::end(each);
    if (context.json) {
        fmt::print("{}\n", nlohmann::json{{"ended", names}}.dump(2));
        return;
    }
    if (names.empty())
        fmt::print("no lab is up\n");
    for (const std::string& each : names)
        fmt::print("lab '{}' is down\n", each);
}

} // namespace

void add_down(CLI::App& app, Context& context) {
    auto name = std::make_shared<std::string>();
    auto all = std::make_shared<bool>(false);
    CLI::App* command = app.add_subcommand("down", "End a lab; nothing of it is left");
    CLI::Option* lab =
        command->add_option("lab", *name, "the lab; may be left out if only one is up");
    command->add_flag("--all", *all, "every lab of this user")->excludes(lab);
    command->callback([name, all, &context] { down(*name, *all, context); });
}

} // namespace nflab::cli

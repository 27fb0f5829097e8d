// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/cli/command.hpp"
#include "harness/cli/kernel_headers.hpp"
#include "harness/cli/kernel_names.hpp"
#include "harness/cli/kernel_sites.hpp"
#include "harness/cli/say.hpp"
#include "harness/kernel/headers.hpp"
#include "harness/kernel/kernel.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <memory>

namespace nflab::cli {

namespace {

void print_list(bool json) {
    nlohmann::json document = nlohmann::json::array();
    for (const kernel::Listed& line : kernel::list()) {
        if (json)
            document.push_back({{"name", line.name},
                                {"release", line.release},
                                {"package", line.package},
                                {"default", line.is_default},
                                {"cached", line.cached}});
        else
            fmt::print("{:<10} {:<32} {:<55} {}{}\n", line.name,
                       line.release.empty() ? "not locked" : line.release, line.package,
                       line.cached ? "cached" : "", line.is_default ? " (default)" : "");
    }
    if (json)
        fmt::print("{}\n", document.dump(2));
}

void fetch(const std::vector<std::string>& named, bool all, bool locked, bool json) {
    nlohmann::json document = nlohmann::json::array();
    kernel::FindOptions options;
    options.locked = locked;
    for (const std::string& name : kernel_names(named, all)) {
        const kernel::Kernel kernel = kernel::find(name, options, say);
        if (json)
            document.push_back({{"name", kernel.name},
                                {"release", kernel.release},
                                {"package", kernel.package},
                                {"image", kernel.image.string()},
                                {"modules", kernel.modules.string()},
                                {"config", kernel.config.string()},
                                {"digest", kernel.digest},
                                {"features", kernel::features(kernel)},
                                {"notices", kernel.notices}});
        else
            fmt::print("{:<10} {:<32} {}\n", kernel.name, kernel.release,
                       kernel.image.parent_path().string());
    }
    if (json)
        fmt::print("{}\n", document.dump(2));
}

void update(bool headers_only, bool json) {
    auto changes = headers_only ? std::vector<kernel::Change>() : kernel::update(say);
    const auto headers = kernel::update_headers(say);
    changes.insert(changes.end(), headers.begin(), headers.end());
    nlohmann::json document = nlohmann::json::array();
    for (const kernel::Change& change : changes) {
        if (json)
            document.push_back(
                {{"name", change.name}, {"before", change.before}, {"after", change.after}});
        else
            fmt::print("{:<10} {} -> {}\n", change.name,
                       change.before.empty() ? "(not locked)" : change.before, change.after);
    }
    if (json)
        fmt::print("{}\n", document.dump(2));
    else if (changes.empty())
        fmt::print("the lock is up to date\n");
}

} // namespace

void add_kernels(CLI::App& app, Context& context) {
    CLI::App* kernels = app.add_subcommand("kernels", "The kernels that nflab knows by name");
    kernels->require_subcommand(1);

    CLI::App* list = kernels->add_subcommand("list", "Names, locked builds, what is cached");
    list->callback([&context] { print_list(context.json); });

    struct FetchOptions {
        std::vector<std::string> names;
        bool all = false;
        bool locked = false;
    };
    const auto options = std::make_shared<FetchOptions>();
    CLI::App* fetch_command = kernels->add_subcommand(
        "fetch", "Bring kernels into the cache; without a name the default");
    fetch_command->add_option("name", options->names, "names of `nflab kernels list`, or paths");
    fetch_command->add_flag("--all", options->all, "every kernel of the catalogue");
    fetch_command->add_flag("--locked", options->locked,
                            "fail when the mirror no longer has the locked build");
    fetch_command->callback([&context, options] {
        fetch(options->names, options->all, options->locked, context.json);
    });

    add_kernel_headers(*kernels, context);

    const auto headers_only = std::make_shared<bool>(false);
    CLI::App* update_command = kernels->add_subcommand(
        "update", "Rewrite the locks with the newest build of each series and flavour");
    update_command->add_flag("--headers-only", *headers_only,
                             "leave the kernels as they are locked, and lock their headers");
    update_command->callback([&context, headers_only] { update(*headers_only, context.json); });

    add_kernel_sites(*kernels, context);
}

} // namespace nflab::cli

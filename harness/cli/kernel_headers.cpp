// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/cli/kernel_headers.hpp"

#include "harness/cli/kernel_names.hpp"
#include "harness/cli/say.hpp"
#include "harness/kernel/headers.hpp"
#include "harness/kernel/kretprobe_module.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <memory>

namespace nflab::cli {

namespace {

void headers(const std::vector<std::string>& named, bool all, bool json) {
    nlohmann::json document = nlohmann::json::array();
    for (const std::string& name : kernel_names(named, all)) {
        const kernel::Kernel kernel = kernel::find(name, {}, say);
        const std::string toolchain = kernel::find_headers(kernel, say).toolchain.name;
        const std::string module = kernel::kretprobe_module(kernel, say).string();
        if (json)
            document.push_back({{"name", kernel.name},
                                {"release", kernel.release},
                                {"toolchain", toolchain},
                                {"module", module}});
        else
            fmt::print("{:<10} {:<32} {:<16} {}\n", kernel.name, kernel.release, toolchain, module);
    }
    if (json)
        fmt::print("{}\n", document.dump(2));
}

} // namespace

void add_kernel_headers(CLI::App& kernels, Context& context) {
    struct Options {
        std::vector<std::string> names;
        bool all = false;
    };
    const auto options = std::make_shared<Options>();
    CLI::App* command = kernels.add_subcommand(
        "headers", "Fetch a kernel's headers and compiler, and build the kretprobe module");
    command->add_option("name", options->names, "names of `nflab kernels list`");
    command->add_flag("--all", options->all, "every kernel of the catalogue");
    command->callback([&context, options] { headers(options->names, options->all, context.json); });
}

} // namespace nflab::cli

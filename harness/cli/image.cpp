// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/image/image.hpp"

#include "harness/base/error.hpp"
#include "harness/cli/command.hpp"
#include "harness/cli/say.hpp"
#include "harness/host/kvm.hpp"
#include "harness/kernel/kernel.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <memory>

namespace nflab::cli {

namespace {

struct ImageOptions {
    std::string kernel;
    kernel::FindOptions find;
    bool faithful = false;
    bool locked = false;
    std::string file;
    std::uint64_t size_mib = 1024;
};

void add_kernel_options(CLI::App* command, const std::shared_ptr<ImageOptions>& options) {
    command->add_option("--kernel", options->kernel,
                        "a name of `nflab kernels list`, a bzImage, a build tree, .deb or .rpm");
    command->add_option("--modules", options->find.modules, "where a bzImage's modules are");
}

void build(const ImageOptions& options, bool json) {
    const image::Root root = image::root(options.locked, say);
    if (json)
        fmt::print("{}\n", nlohmann::json{{"sha256", root.digest},
                                          {"image", root.image.string()},
                                          {"tree", root.tree.string()},
                                          {"notices", root.notices}}
                               .dump(2));
    else
        fmt::print("{}  {}\n", root.digest, root.image.string());
}

void export_disk(const ImageOptions& options) {
    const kernel::Kernel kernel = kernel::find(options.kernel, options.find, say);
    image::ExportOptions how;
    how.size_mib = options.size_mib;
    how.use_kvm = host::kvm().usable;
    image::export_disk(options.file, kernel, how, say);
    fmt::print("{}: {} and the guest root; try it with\n  qemu-system-x86_64 -m 512 -nographic "
               "-drive file={},if=virtio\n",
               options.file, kernel.release, options.file);
}

void boot_files(const ImageOptions& options) {
    const plan::BootFiles files =
        image::prepare(kernel::find(options.kernel, options.find, say),
                       options.faithful ? scenario::Boot::faithful : scenario::Boot::fast, say);
    fmt::print("{}\n", nlohmann::json{{"kernel_name", files.kernel_name},
                                      {"kernel_release", files.kernel_release},
                                      {"kernel", files.kernel},
                                      {"initrd", files.initrd},
                                      {"root_image", files.root_image},
                                      {"modules_image", files.modules_image},
                                      {"root_tree", files.root_tree},
                                      {"command_line", files.command_line},
                                      {"agent", files.agent},
                                      {"acpi", files.acpi},
                                      {"alterations", files.alterations}}
                           .dump(2));
}

} // namespace

void add_image(CLI::App& app, Context& context) {
    CLI::App* images = app.add_subcommand("image", "The guest root and what is made of it");
    images->require_subcommand(1);
    const auto options = std::make_shared<ImageOptions>();

    CLI::App* build_command =
        images->add_subcommand("build", "Make the guest root and print its SHA-256");
    build_command->add_flag("--locked", options->locked,
                            "fail when the mirror no longer has a locked package");
    build_command->callback([&context, options] { build(*options, context.json); });

    CLI::App* update_command =
        images->add_subcommand("update", "Rewrite the lock with the newest packages");
    update_command->callback([] {
        const auto changes = image::update_root_lock(say);
        for (const std::string& change : changes)
            fmt::print("{}\n", change);
        if (changes.empty())
            fmt::print("the lock is up to date\n");
    });

    CLI::App* export_command = images->add_subcommand(
        "export", "Write guest root, kernel and modules as a bootable qcow2 disk");
    export_command->add_option("file", options->file, "the disk to write")->required();
    export_command->add_option("--size", options->size_mib, "size of the disk in MiB")
        ->capture_default_str();
    add_kernel_options(export_command, options);
    export_command->callback([options] { export_disk(*options); });

    CLI::App* boot_files_command =
        images->add_subcommand("boot-files", "what a guest boots from, as JSON");
    boot_files_command->group(""); // for development: not shown in the help
    add_kernel_options(boot_files_command, options);
    boot_files_command->add_flag("--faithful", options->faithful, "as `boot: faithful` boots");
    boot_files_command->callback([options] { boot_files(*options); });
}

} // namespace nflab::cli

// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/base/paths.hpp"
#include "harness/image/command_line.hpp"
#include "harness/image/image.hpp"
#include "harness/image/initramfs.hpp"
#include "harness/image/kernel_images.hpp"
#include "harness/image/pvh.hpp"
#include "harness/kernel/catalogue.hpp"
#include "harness/kernel/digest.hpp"
#include "harness/kernel/store.hpp"

#include <fmt/format.h>

#include <fstream>

namespace nflab::image {
namespace fs = std::filesystem;

namespace {

/// Appends our programs to the kernel's part, in a file named after both contents.
fs::path complete_initramfs(const KernelImages& images, const fs::path& agent,
                            const std::vector<fs::path>& programs) {
    std::vector<Program> contents;
    contents.reserve(programs.size());
    for (const fs::path& program : programs)
        contents.emplace_back(program.filename().string(), kernel::read_text(program));
    const std::string ours = program_initramfs(kernel::read_text(agent), contents);
    const std::string name = fmt::format("initramfs-{}.cpio", kernel::sha256(ours).substr(0, 16));
    return kernel::once(images.initramfs.parent_path() / name, [&](const fs::path& temporary) {
        std::ofstream stream(temporary, std::ios::binary);
        stream << kernel::read_text(images.initramfs) << ours;
        if (!stream.flush())
            throw Error(Failure::lab, fmt::format("cannot write {}", temporary.string()),
                        "is the disk full?");
    });
}

} // namespace

plan::BootFiles prepare(const kernel::Kernel& kernel, scenario::Boot boot,
                        const kernel::Progress& progress, bool smp) {
    const bool faithful = boot == scenario::Boot::faithful;
    const Root guest_root = root(false, progress);
    const KernelImages images = kernel_images(kernel, faithful, progress);
    const fs::path agent = paths::guest_program("nflab-agent");
    BootStyle style = boot_style(boot, smp);
    plan::BootFiles files;
    files.kernel_name = kernel.name;
    files.kernel_release = kernel.release;
    files.kernel = images.kernel.string();
    files.initrd =
        complete_initramfs(images, agent,
                           {paths::guest_program("nfverdict"), paths::guest_program("nftraffic")})
            .string();
    files.root_image = guest_root.image.string();
    files.modules_image = images.modules.string();
    files.root_tree = guest_root.tree.string();
    files.command_line = style.command_line;
    files.agent = agent.string();
    files.acpi = style.acpi;
    files.alterations = std::move(style.alterations);
    return files;
}

} // namespace nflab::image

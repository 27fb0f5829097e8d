// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/image/kernel_images.hpp"

#include "harness/base/error.hpp"
#include "harness/base/paths.hpp"
#include "harness/image/erofs.hpp"
#include "harness/image/initramfs.hpp"
#include "harness/image/module_set.hpp"
#include "harness/image/pvh.hpp"
#include "harness/image/write_file.hpp"
#include "harness/kernel/catalogue.hpp"
#include "harness/kernel/features.hpp"
#include "harness/kernel/store.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

namespace nflab::image {
namespace fs = std::filesystem;

namespace {

/// Raise it when the same kernel shall give other images.
constexpr int images_format = 2;

/// A guest whose kernel has no driver for its disk would only be seen to hang.
void check_drivers(const kernel::Kernel& kernel, const ModuleSet& modules) {
    if (kernel.config.empty())
        return;
    static const std::map<std::string, std::string> option_of = {
        {"virtio_pci", "VIRTIO_PCI"}, {"virtio_blk", "VIRTIO_BLK"},
        {"virtio_net", "VIRTIO_NET"}, {"virtio_console", "VIRTIO_CONSOLE"},
        {"erofs", "EROFS_FS"},        {"overlay", "OVERLAY_FS"}};
    const auto config = kernel::parse_config(kernel::read_text(kernel.config));
    std::vector<std::string> missing;
    for (const char* option : {"BLK_DEV_INITRD", "DEVTMPFS", "SERIAL_8250_CONSOLE", "TMPFS"}) {
        if (config.count(option) == 0)
            missing.push_back(fmt::format("CONFIG_{}", option));
    }
    std::istringstream lines(kernel::read_text(kernel.config));
    std::set<std::string> built_in;
    for (std::string line; std::getline(lines, line);) {
        if (line.size() > 2 && line.compare(line.size() - 2, 2, "=y") == 0)
            built_in.insert(line.substr(0, line.size() - 2));
    }
    for (const std::string& name : boot_modules()) {
        const std::string option = "CONFIG_" + option_of.at(name);
        if (built_in.count(option) == 0 && modules.modules().count(name) == 0)
            missing.push_back(option);
    }
    if (!missing.empty())
        throw Error(Failure::bad_input,
                    fmt::format("the kernel {} cannot be a guest: it lacks {}", kernel.release,
                                fmt::join(missing, ", ")),
                    kernel.modules.empty() ? "if they are modules, say where with --modules DIR"
                                           : "build it with these options, as modules or built in");
}

void write_all(const kernel::Kernel& kernel, bool faithful, const fs::path& directory) {
    fs::create_directories(directory);
    const ModuleSet modules = read_modules(kernel.modules, is_wanted_module);
    check_drivers(kernel, modules);
    if (const auto vmlinux = faithful ? std::nullopt : pvh_vmlinux(kernel::read_text(kernel.image)))
        write_file(directory / "vmlinux", *vmlinux);
    write_file(directory / "initramfs.cpio", kernel_initramfs(modules, faithful));
    const fs::path work = directory / "work";
    install_modules(modules, faithful, kernel.modules, kernel.release, work);
    make_erofs(work, directory / "modules.erofs");
    fs::remove_all(work);
}

} // namespace

KernelImages kernel_images(const kernel::Kernel& kernel, bool faithful,
                           const kernel::Progress& progress) {
    const std::string key =
        fmt::format("{}-{}-{}", kernel.digest, faithful ? "faithful" : "fast", images_format);
    const fs::path directory =
        kernel::once(paths::cache() / "images" / "kernel" / key, [&](const fs::path& temporary) {
            kernel::tell(progress, "making the modules image of " + kernel.release);
            write_all(kernel, faithful, temporary);
        });
    KernelImages images;
    images.kernel = directory / "vmlinux";
    if (!fs::exists(images.kernel))
        images.kernel = kernel.image;
    images.initramfs = directory / "initramfs.cpio";
    images.modules = directory / "modules.erofs";
    return images;
}

} // namespace nflab::image

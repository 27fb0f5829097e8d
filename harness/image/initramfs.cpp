// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/image/initramfs.hpp"

#include "harness/image/cpio.hpp"
#include "harness/image/module_file.hpp"

#include <set>

namespace nflab::image {

namespace {

std::string add_modules(CpioWriter& archive, const ModuleSet& modules,
                        const std::vector<std::string>& names, bool signatures,
                        std::set<std::string>& added) {
    std::string list;
    for (const std::string& name : modules.load_order(names)) {
        if (!added.insert(name).second)
            continue;
        const std::string path = "mod/" + name + ".ko";
        const std::string& content = modules.modules().at(name).content;
        archive.file("nflab/" + path, signatures ? content : without_signature(content));
        list += path + "\n";
    }
    return list;
}

} // namespace

const std::vector<std::string>& boot_modules() {
    static const std::vector<std::string> names = {"virtio_pci", "virtio_blk", "virtio_console",
                                                   "virtio_net", "erofs",      "overlay"};
    return names;
}

std::string kernel_initramfs(const ModuleSet& modules, bool signatures) {
    CpioWriter archive;
    for (const char* directory : {"dev", "nflab", "nflab/bin", "nflab/lower", "nflab/mod"})
        archive.directory(directory);
    archive.character_device("dev/console", 5, 1, 0600);
    std::set<std::string> added;
    const std::string early = add_modules(
        archive, modules, {"virtio_pci", "virtio_blk", "virtio_console", "erofs", "overlay"},
        signatures, added);
    const std::string late = add_modules(archive, modules, {"virtio_net"}, signatures, added);
    archive.file("nflab/modules", early);
    archive.file("nflab/modules.late", late);
    return archive.finish();
}

std::string program_initramfs(std::string_view agent, const std::vector<Program>& programs) {
    CpioWriter archive;
    archive.file("init", agent, 0755);
    archive.directory("nflab");
    archive.directory("nflab/bin");
    for (const auto& [name, content] : programs)
        archive.file("nflab/bin/" + name, content, 0755);
    return archive.finish();
}

} // namespace nflab::image

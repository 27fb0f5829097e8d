// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/image/cpio.hpp"
#include "harness/image/disk_tree.hpp"
#include "harness/image/module_set.hpp"
#include "harness/kernel/catalogue.hpp"
#include "harness/process/command.hpp"

#include <fmt/format.h>

#include <set>
#include <sstream>

namespace nflab::image {
namespace fs = std::filesystem;

namespace {

const std::vector<std::string>& programs() {
    static const std::vector<std::string> names = {"usr/bin/bash", "usr/bin/kmod", "usr/bin/mount",
                                                   "usr/sbin/blkid", "usr/sbin/switch_root"};
    return names;
}

// Every bus that a disk may be found on in somebody's virtual machine, as far as the kernel has it.
const std::vector<std::string>& drivers() {
    static const std::vector<std::string> names = {
        "virtio_pci",  "virtio_blk", "virtio_scsi", "sd_mod",    "ahci", "ata_piix",
        "ata_generic", "nvme",       "mptspi",      "sym53c8xx", "ext4"};
    return names;
}

constexpr auto early_script = R"(#!/usr/bin/bash
export PATH=/usr/sbin:/usr/bin
mount -t devtmpfs devtmpfs /dev
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs -o mode=755 tmpfs /run
while read -r module; do insmod "/mod/$module"; done </mod/list
for ((try = 0; try < 600; try++)); do
    device=$(blkid -t LABEL={0} -o device | {{ read -r first; echo "$first"; }})
    [ -n "$device" ] && break
    read -r -t 0.05 <> <(:)
done
if ! mount -n -t ext4 "$device" /root; then
    echo "no disk with the label {0} was found within 30 s: this shell is for looking around"
    exec bash
fi
exec switch_root /root /usr/sbin/init
)";

/// Shared libraries of a program of the tree, as the tree's own loader finds them: paths below it.
std::set<std::string> libraries(const fs::path& tree, const std::string& program) {
    const fs::path folder = tree / "usr/lib/x86_64-linux-gnu";
    Command list;
    list.argv = {(tree / "usr/lib64/ld-linux-x86-64.so.2").string(), "--library-path",
                 folder.string(), "--list", (tree / program).string()};
    if (!fs::exists(list.argv[0]))
        list.argv[0] = (folder / "ld-linux-x86-64.so.2").string();
    std::istringstream lines(output_of(list));
    std::set<std::string> found;
    for (std::string line; std::getline(lines, line);) {
        const std::size_t begin = line.find(folder.string());
        if (begin == std::string::npos)
            continue;
        const std::string path = line.substr(begin, line.find(' ', begin) - begin);
        found.insert(fs::path(path).lexically_relative(tree).string());
    }
    return found;
}

} // namespace

std::string disk_initramfs(const fs::path& root_tree, const kernel::Kernel& kernel) {
    CpioWriter archive;
    for (const char* directory : {"dev", "proc", "sys", "run", "root", "mod", "usr", "usr/bin",
                                  "usr/sbin", "usr/lib", "usr/lib/x86_64-linux-gnu", "lib64"})
        archive.directory(directory);
    archive.character_device("dev/console", 5, 1, 0600);
    std::set<std::string> files(programs().begin(), programs().end());
    for (const std::string& program : programs())
        files.merge(libraries(root_tree, program));
    for (const std::string& file : files)
        archive.file(file, kernel::read_text(root_tree / file), 0755);
    archive.file("lib64/ld-linux-x86-64.so.2",
                 kernel::read_text(root_tree / "usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"),
                 0755);
    archive.file("usr/sbin/insmod", kernel::read_text(root_tree / "usr/bin/kmod"), 0755);
    const std::set<std::string> names(drivers().begin(), drivers().end());
    const ModuleSet modules = read_modules(kernel.modules, [&](const std::string& path) {
        const std::string file = fs::path(path).filename().string();
        return names.count(file.substr(0, file.find(".ko"))) != 0;
    });
    std::string list;
    for (const std::string& name : modules.load_order(drivers())) {
        archive.file("mod/" + name + ".ko", modules.modules().at(name).content);
        list += name + ".ko\n";
    }
    archive.file("mod/list", list);
    archive.file("init", fmt::format(early_script, disk_label), 0755);
    return archive.finish();
}

} // namespace nflab::image

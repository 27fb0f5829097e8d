// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/image/disk_tree.hpp"

#include "harness/base/error.hpp"
#include "harness/base/paths.hpp"
#include "harness/process/command.hpp"

#include <fmt/format.h>

#include <fstream>

namespace nflab::image {
namespace fs = std::filesystem;

namespace {

// PID 1 of the exported disk: a shell on each console, without a login, for ever.
constexpr auto init_script = R"(#!/bin/bash
# Written by `nflab image export`. The initramfs has mounted /dev, /proc, /sys and /run.
export PATH=/usr/local/bin:/usr/sbin:/usr/bin HOME=/root LANG=C.UTF-8 TERM=linux
mkdir -p /dev/pts /dev/shm
mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -t bpf bpf /sys/fs/bpf
mount -t tracefs tracefs /sys/kernel/tracing
mount -o remount,rw /
cat /etc/hostname >/proc/sys/kernel/hostname
for alias in $(cat /sys/bus/*/devices/*/modalias 2>/dev/null | sort -u); do
    modprobe -q -b "$alias"
done
ip link set lo up
shell() {
    cd /root
    while [ -c "/dev/$1" ]; do
        TERM=$2 setsid -c bash -l <"/dev/$1" >"/dev/$1" 2>&1
        sleep 1
    done
}
shell tty1 linux &
shell ttyS0 vt220 &
while :; do wait; sleep 1; done
)";

constexpr auto power_off_script = R"(#!/bin/bash
sync
mount -o remount,ro /
echo {} >/proc/sysrq-trigger
)";

constexpr auto boot_menu = R"(SERIAL 0 115200
DEFAULT nflab
LABEL nflab
  LINUX /boot/vmlinuz
  INITRD /boot/initrd.img
  APPEND root=LABEL={} rw console=tty1 console=ttyS0,115200
)";

void write_file(const fs::path& file, const std::string& content, bool executable) {
    fs::create_directories(file.parent_path());
    fs::remove(file); // it may be a hard link into the cache
    std::ofstream stream(file, std::ios::binary);
    stream << content;
    if (!stream.flush())
        throw Error(Failure::lab, fmt::format("cannot write {}", file.string()),
                    "is the disk full?");
    if (executable)
        fs::permissions(file, fs::perms(0755));
}

void stage_modules(const kernel::Kernel& kernel, const fs::path& stage) {
    if (kernel.modules.empty())
        return;
    const fs::path place = stage / "usr/lib/modules" / kernel.release;
    fs::create_directories(place);
    fs::copy(kernel.modules / "kernel", place / "kernel", fs::copy_options::recursive);
    for (const char* name : {"modules.order", "modules.builtin", "modules.builtin.modinfo"}) {
        if (fs::exists(kernel.modules / name))
            fs::copy_file(kernel.modules / name, place / name);
    }
    Command depmod;
    depmod.argv = {"depmod", "-b", stage.string(), kernel.release};
    depmod.timeout = std::chrono::minutes(2);
    output_of(depmod);
}

} // namespace

void stage_disk(const fs::path& root_tree, const kernel::Kernel& kernel, const fs::path& stage) {
    fs::create_directories(stage);
    fs::copy(root_tree, stage,
             fs::copy_options::recursive | fs::copy_options::copy_symlinks |
                 fs::copy_options::create_hard_links);
    for (const char* directory : {"tmp", "var/tmp"})
        fs::permissions(stage / directory, fs::perms(01777));
    stage_modules(kernel, stage);
    fs::create_directories(stage / "boot");
    fs::copy_file(kernel.image, stage / "boot/vmlinuz");
    write_file(stage / "boot/initrd.img", disk_initramfs(root_tree, kernel), false);
    write_file(stage / "boot/extlinux.conf", fmt::format(boot_menu, disk_label), false);
    write_file(stage / "etc/fstab", fmt::format("LABEL={} / ext4 defaults 0 1\n", disk_label),
               false);
    write_file(stage / "usr/sbin/init", init_script, true);
    write_file(stage / "usr/sbin/poweroff", fmt::format(power_off_script, 'o'), true);
    write_file(stage / "usr/sbin/reboot", fmt::format(power_off_script, 'b'), true);
    for (const char* name : {"nfverdict", "nftraffic"}) {
        fs::create_directories(stage / "usr/local/bin");
        fs::copy_file(paths::guest_program(name), stage / "usr/local/bin" / name);
    }
}

} // namespace nflab::image

// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/lab/libvirt_users.hpp"

#include "harness/lab/mounts.hpp"

#include <grp.h>
#include <pwd.h>

#include <fstream>
#include <string>

namespace nflab::lab {
namespace fs = std::filesystem;

namespace {

// What Debian and Fedora build libvirt with (meson options qemu_user and qemu_group).
constexpr const char* names[] = {"libvirt-qemu", "qemu"};

void show_with(const fs::path& original, const std::string& lines, const fs::path& scratch) {
    if (lines.empty())
        return;
    const fs::path copy = scratch / original.filename();
    fs::copy_file(original, copy, fs::copy_options::overwrite_existing);
    std::ofstream(copy, std::ios::app) << lines;
    bind_over(copy, original);
}

} // namespace

void provide_libvirt_users(const fs::path& scratch) {
    std::string users;
    std::string groups;
    for (const std::string name : names) {
        // Nothing runs as them: the driver's configuration says user 0, group 0.
        if (!::getpwnam(name.c_str()))
            users += name + ":x:65534:65534::/nonexistent:/usr/sbin/nologin\n";
        if (!::getgrnam(name.c_str()))
            groups += name + ":x:65534:\n";
    }
    show_with("/etc/passwd", users, scratch);
    show_with("/etc/group", groups, scratch);
}

} // namespace nflab::lab

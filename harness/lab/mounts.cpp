// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/lab/mounts.hpp"

#include "harness/base/error.hpp"
#include "harness/base/unique_fd.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>

namespace nflab::lab {
namespace fs = std::filesystem;

namespace {

[[noreturn]] void refuse(const std::string& what) {
    throw Error(Failure::lab, fmt::format("the lab cannot {}: {}", what, std::strerror(errno)),
                "`nflab doctor` says what this machine lacks");
}

void mount_or_throw(const char* source, const fs::path& target, const char* type,
                    unsigned long flags, const std::string& options) {
    if (::mount(source, target.c_str(), type, flags, options.c_str()) != 0)
        refuse(fmt::format("mount {} at {}",
                           type     ? type
                           : source ? source
                                    : "it read-only",
                           target.string()));
}

bool is_below(const fs::path& path, const fs::path& directory) {
    return std::mismatch(directory.begin(), directory.end(), path.begin(), path.end()).first ==
           directory.end();
}

// A detached copy of a mount (open_tree(2), Linux 5.2), to be attached after its path is covered.
struct Kept {
    fs::path path;
    bool directory = false;
    UniqueFd tree;
};

std::vector<Kept> detach(const std::vector<fs::path>& paths, const fs::path& cover) {
    // A parent brings its children along; sorted, parents come first.
    std::set<fs::path> wanted;
    for (const fs::path& path : paths)
        if (is_below(path, cover))
            wanted.insert(path);
    std::vector<Kept> kept;
    for (const fs::path& path : wanted) {
        const bool covered = std::any_of(kept.begin(), kept.end(), [&](const Kept& parent) {
            return is_below(path, parent.path);
        });
        if (covered)
            continue;
        UniqueFd tree(::open_tree(AT_FDCWD, path.c_str(),
                                  OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE));
        if (!tree)
            refuse(fmt::format("keep {}", path.string()));
        kept.push_back({path, fs::is_directory(path), std::move(tree)});
    }
    return kept;
}

void attach(const Kept& kept) {
    if (kept.directory) {
        fs::create_directories(kept.path);
    } else {
        fs::create_directories(kept.path.parent_path());
        std::ofstream(kept.path).close();
    }
    if (::move_mount(kept.tree.get(), "", AT_FDCWD, kept.path.c_str(), MOVE_MOUNT_F_EMPTY_PATH) !=
        0)
        refuse(fmt::format("show {} inside", kept.path.string()));
}

void bind_file(const fs::path& from, const fs::path& to) {
    if (!fs::exists(from))
        return;
    std::ofstream(to).close();
    mount_or_throw(from.c_str(), to, nullptr, MS_BIND, "");
}

// Flags that the mount already has are locked in a user namespace and must be repeated.
void remount_read_only(const fs::path& path, unsigned long extra) {
    struct statvfs now {};
    if (::statvfs(path.c_str(), &now) != 0)
        refuse(fmt::format("look at {}", path.string()));
    unsigned long flags = MS_REMOUNT | MS_BIND | MS_RDONLY | extra;
    for (const auto& [has, flag] : {std::pair<unsigned long, unsigned long>{ST_NOSUID, MS_NOSUID},
                                    {ST_NODEV, MS_NODEV},
                                    {ST_NOEXEC, MS_NOEXEC}})
        if (now.f_flag & has)
            flags |= flag;
    mount_or_throw(nullptr, path, nullptr, flags, "");
}

// A container that masks parts of its own /proc or /sys may refuse fresh ones to a user namespace;
// then the node sees the lab's.
void mount_or_borrow(const char* type, const char* lab, const fs::path& target) {
    if (::mount(type, target.c_str(), type, MS_NOSUID | MS_NODEV | MS_NOEXEC, "") != 0)
        mount_or_throw(lab, target, nullptr, MS_BIND | MS_REC, "");
}

void make_read_only(const fs::path& path) {
    if (!fs::exists(path))
        return;
    mount_or_throw(path.c_str(), path, nullptr, MS_BIND | MS_REC, "");
    remount_read_only(path, MS_NOSUID | MS_NODEV | MS_NOEXEC);
}

// Sysctls outside net/, sysrq and interrupt masks belong to the host's kernel.
void guard_proc(const fs::path& proc) {
    const fs::path own_net = proc / "sys/net";
    UniqueFd net(::open_tree(AT_FDCWD, own_net.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
    for (const char* name : {"sys", "sysrq-trigger", "irq", "bus", "acpi"})
        make_read_only(proc / name);
    if (net && ::move_mount(net.get(), "", AT_FDCWD, own_net.c_str(), MOVE_MOUNT_F_EMPTY_PATH) != 0)
        refuse("open /proc/sys/net in a node");
}

void make_dev(const fs::path& dev) {
    mount_or_throw("tmpfs", dev, "tmpfs", MS_NOSUID, "mode=755,size=1m");
    fs::create_directories(dev / "net");
    for (const char* name : {"null", "zero", "full", "random", "urandom", "tty", "net/tun"})
        bind_file(fs::path("/dev") / name, dev / name);
    for (const char* name : {"pts", "shm"})
        fs::create_directories(dev / name);
    mount_or_throw("devpts", dev / "pts", "devpts", MS_NOSUID | MS_NOEXEC,
                   "newinstance,ptmxmode=0666,mode=0620");
    mount_or_throw("tmpfs", dev / "shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
    fs::create_symlink("pts/ptmx", dev / "ptmx");
    fs::create_symlink("/proc/self/fd", dev / "fd");
    fs::create_symlink("/proc/self/fd/0", dev / "stdin");
    fs::create_symlink("/proc/self/fd/1", dev / "stdout");
    fs::create_symlink("/proc/self/fd/2", dev / "stderr");
}

void mount_tree(const NodeRoot& root, const fs::path& target) {
    // Bound at a path without ':' and ',', which overlayfs would take for its own.
    const fs::path lower = root.scratch / "lower";
    fs::create_directories(lower);
    mount_or_throw(root.tree.c_str(), lower, nullptr, MS_BIND | MS_REC, "");
    for (const char* name : {"upper", "work"})
        fs::create_directories(root.scratch / name);
    fs::permissions(root.scratch / "upper", fs::perms(0755));
    const std::string options = fmt::format(
        "lowerdir={0}/lower,upperdir={0}/upper,workdir={0}/work", root.scratch.string());
    if (::mount("overlay", target.c_str(), "overlay", 0, options.c_str()) == 0)
        return;
    mount_or_throw(root.tree.c_str(), target, nullptr, MS_BIND | MS_REC, "");
    remount_read_only(target, 0);
    const fs::path etc = root.scratch / "etc";
    fs::copy(root.tree / "etc", etc,
             fs::copy_options::recursive | fs::copy_options::copy_symlinks |
                 fs::copy_options::skip_existing);
    mount_or_throw(etc.c_str(), target / "etc", nullptr, MS_BIND, "");
    for (const char* name : {"root", "var/tmp", "var/log"})
        if (fs::is_directory(target / name))
            mount_or_throw("tmpfs", target / name, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755");
}

} // namespace

void make_private_mounts(const std::vector<fs::path>& kept) {
    mount_or_throw("none", "/", nullptr, MS_REC | MS_PRIVATE, "");
    for (const char* cover : {"/run", "/tmp"}) {
        const std::vector<Kept> trees = detach(kept, cover);
        mount_or_throw("tmpfs", cover, "tmpfs", MS_NOSUID | MS_NODEV,
                       std::strcmp(cover, "/tmp") == 0 ? "mode=1777" : "mode=755");
        for (const Kept& tree : trees)
            attach(tree);
    }
    mount_or_throw("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "");
}

void bind_over(const fs::path& from, const fs::path& to) {
    mount_or_throw(from.c_str(), to, nullptr, MS_BIND, "");
}

void enter_node_root(const NodeRoot& root) {
    const fs::path target = root.scratch / "root";
    fs::create_directories(target);
    mount_tree(root, target);
    for (const char* name : {"run", "tmp"})
        mount_or_throw("tmpfs", target / name, "tmpfs", MS_NOSUID | MS_NODEV,
                       std::strcmp(name, "tmp") == 0 ? "mode=1777" : "mode=755");
    mount_or_borrow("proc", "/proc", target / "proc");
    guard_proc(target / "proc");
    mount_or_borrow("sysfs", "/sys", target / "sys");
    remount_read_only(target / "sys", MS_NOSUID | MS_NODEV | MS_NOEXEC);
    make_dev(target / "dev");
    fs::create_directories(target / "run/nflab/bin");
    mount_or_throw(root.programs.c_str(), target / "run/nflab/bin", nullptr, MS_BIND, "");
    remount_read_only(target / "run/nflab/bin", MS_NOSUID | MS_NODEV);
    fs::create_directories(target / "run/lock");

    // pivot_root(2), "pivot_root(".", ".")": no directory for the old root is needed.
    if (::chdir(target.c_str()) != 0 || ::syscall(SYS_pivot_root, ".", ".") != 0 ||
        ::umount2(".", MNT_DETACH) != 0 || ::chdir("/") != 0)
        refuse("enter a node's root");
}

} // namespace nflab::lab

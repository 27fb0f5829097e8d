// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/image/appliance.hpp"

#include "harness/base/error.hpp"
#include "harness/base/paths.hpp"
#include "harness/image/module_set.hpp"
#include "harness/kernel/kernel.hpp"
#include "harness/kernel/store.hpp"

#include <fmt/format.h>
#include <guestfs.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace nflab::image {
namespace fs = std::filesystem;

namespace {

bool wanted_in_appliance(const std::string& path) {
    constexpr std::array folders = {"kernel/drivers/block/", "kernel/drivers/char/hw_random/",
                                    "kernel/drivers/scsi/",  "kernel/drivers/virtio/",
                                    "kernel/fs/ext4/",       "kernel/fs/fat/",
                                    "kernel/fs/nls/",        "kernel/lib/",
                                    "kernel/crypto/crc"};
    for (const char* folder : folders) {
        if (path.rfind(folder, 0) == 0)
            return true;
    }
    return path.find("/virtio_console.ko") != std::string::npos;
}

void use_kernel(const kernel::Kernel& kernel) {
    const fs::path root = kernel::once(
        paths::cache() / "images" / "appliance" / kernel.digest, [&](const fs::path& temporary) {
            install_modules(read_modules(kernel.modules, wanted_in_appliance), true, kernel.modules,
                            kernel.release, temporary);
        });
    // The only way to tell supermin, supermin(1).
    ::setenv("SUPERMIN_KERNEL", kernel.image.c_str(), 1);
    ::setenv("SUPERMIN_KERNEL_VERSION", kernel.release.c_str(), 1);
    ::setenv("SUPERMIN_MODULES", (root / "lib/modules" / kernel.release).c_str(), 1);
}

[[noreturn]] void fail_namespace(const std::string& why) {
    throw Error(Failure::lab,
                fmt::format("libguestfs needs the directory /lib/modules, which this host does not "
                            "have, and a private one cannot be made: {}",
                            why),
                "run the command as root, or create /lib/modules, empty");
}

/// Containers often have no /lib/modules, and supermin copies its attributes without asking.
void provide_modules_directory() {
    if (fs::exists("/lib/modules"))
        return;
    // In a user namespace root's files would be nobody's, and so they would be in the appliance.
    if (::geteuid() != 0)
        fail_namespace("that takes root");
    if (::unshare(CLONE_NEWNS) != 0)
        fail_namespace(std::strerror(errno));
    const fs::path work = "/mnt";
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", work.c_str(), "tmpfs", 0, nullptr) != 0)
        fail_namespace(std::strerror(errno));
    fs::create_directories(work / "upper");
    fs::create_directories(work / "work");
    // Through the link of merged /usr to what it names.
    const fs::path libraries = fs::canonical("/lib");
    const std::string options =
        fmt::format("lowerdir={},upperdir={},workdir={}", libraries.string(),
                    (work / "upper").string(), (work / "work").string());
    if (::mount("overlay", libraries.c_str(), "overlay", 0, options.c_str()) != 0)
        fail_namespace(std::strerror(errno));
    fs::create_directory(libraries / "modules");
}

} // namespace

Appliance::Appliance(const fs::path& disk, bool use_kvm, const kernel::Progress& progress)
    : handle_(nullptr) {
    const kernel::Kernel kernel = kernel::find("", {}, progress);
    use_kernel(kernel);
    provide_modules_directory();
    handle_ = guestfs_create_flags(0);
    if (!handle_)
        throw Error(Failure::lab, "libguestfs cannot be started");
    try {
        guestfs_set_error_handler(handle_, nullptr, nullptr); // errors are thrown, not printed
        const fs::path cache = paths::cache() / "guestfs" / kernel.digest;
        fs::create_directories(cache);
        check(guestfs_set_backend(handle_, "direct"));
        if (!use_kvm) // it would not fall back by itself when KVM is there and does not work
            check(guestfs_set_backend_setting(handle_, "force_tcg", "1"));
        check(guestfs_set_cachedir(handle_, cache.c_str()));
        check(guestfs_add_drive_opts(handle_, disk.c_str(), GUESTFS_ADD_DRIVE_OPTS_FORMAT, "qcow2",
                                     GUESTFS_ADD_DRIVE_OPTS_CACHEMODE, "unsafe", -1));
        kernel::tell(progress, "starting libguestfs");
        check(guestfs_launch(handle_));
    } catch (...) {
        guestfs_close(handle_);
        throw;
    }
}

Appliance::~Appliance() {
    guestfs_close(handle_);
}

void Appliance::check(int status) const {
    if (status >= 0)
        return;
    const char* message = guestfs_last_error(handle_);
    throw Error(Failure::lab, fmt::format("libguestfs: {}", message ? message : "unknown error"),
                "LIBGUESTFS_DEBUG=1 shows what it does");
}

} // namespace nflab::image

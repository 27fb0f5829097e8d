// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/base/paths.hpp"
#include "harness/image/appliance.hpp"
#include "harness/image/disk_tree.hpp"
#include "harness/image/image.hpp"
#include "harness/kernel/catalogue.hpp"
#include "harness/kernel/store.hpp"
#include "harness/process/command.hpp"

#include <fmt/format.h>
#include <guestfs.h>

namespace nflab::image {
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t smallest_mib = 512;
constexpr std::int64_t first_sector = 2048; // 1 MiB, where everybody aligns partitions
constexpr std::size_t boot_code_size = 440; // of a master boot record, before the disk's signature
constexpr auto boot_code = "/usr/lib/EXTLINUX/mbr.bin"; // of the package extlinux

/// Removes the directory of intermediate files, also when something throws.
class WorkDirectory {
  public:
    explicit WorkDirectory(fs::path path) : path_(std::move(path)) {
        fs::remove_all(path_);
        fs::create_directories(path_);
    }
    ~WorkDirectory() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    WorkDirectory(const WorkDirectory&) = delete;
    WorkDirectory& operator=(const WorkDirectory&) = delete;
    const fs::path& path() const { return path_; }

  private:
    fs::path path_;
};

void create_qcow2(const fs::path& file, std::uint64_t size_mib) {
    Command create;
    create.argv = {
        "qemu-img", "create", "-q", "-f", "qcow2", file.string(), fmt::format("{}M", size_mib)};
    output_of(create);
}

std::string master_boot_code() {
    if (!fs::exists(boot_code))
        throw Error(Failure::lab, fmt::format("{} is missing", boot_code),
                    "install the package extlinux");
    return kernel::read_text(boot_code).substr(0, boot_code_size);
}

void fill_disk(const Appliance& appliance, const fs::path& tar, const std::string& boot_record,
               const kernel::Progress& progress) {
    guestfs_h* handle = appliance.get();
    const auto check = [&](int status) { appliance.check(status); };
    check(guestfs_part_init(handle, "/dev/sda", "mbr"));
    check(guestfs_part_add(handle, "/dev/sda", "primary", first_sector, -first_sector));
    check(guestfs_part_set_bootable(handle, "/dev/sda", 1, 1));
    // What extlinux 6 cannot read is left out.
    check(guestfs_mkfs_opts(handle, "ext4", "/dev/sda1", GUESTFS_MKFS_OPTS_FEATURES,
                            "^64bit,^metadata_csum", GUESTFS_MKFS_OPTS_LABEL, disk_label, -1));
    check(guestfs_mount(handle, "/dev/sda1", "/"));
    kernel::tell(progress, "copying the guest root");
    check(guestfs_tar_in(handle, tar.c_str(), "/"));
    check(guestfs_extlinux(handle, "/boot"));
    check(guestfs_pwrite_device(handle, "/dev/sda", boot_record.data(), boot_record.size(), 0));
    check(guestfs_umount_all(handle));
    check(guestfs_shutdown(handle));
}

} // namespace

void export_disk(const fs::path& file, const kernel::Kernel& kernel, const ExportOptions& options,
                 const kernel::Progress& progress) {
    if (fs::exists(file))
        throw Error(Failure::bad_input, fmt::format("{} exists already", file.string()),
                    "remove it, or give another name");
    const fs::path target = fs::absolute(file);
    if (!fs::is_directory(target.parent_path()))
        throw Error(Failure::bad_input,
                    fmt::format("{} is not a directory", target.parent_path().string()));
    if (options.size_mib < smallest_mib)
        throw Error(Failure::bad_input,
                    fmt::format("{} MiB are too small for the guest root; {} MiB are the least",
                                options.size_mib, smallest_mib));
    const std::string boot_record = master_boot_code();
    const Root guest_root = root(false, progress);
    const fs::path images = paths::cache() / "images";
    const kernel::FileLock one_at_a_time(images / "export.lock", std::chrono::minutes(15));
    const WorkDirectory work(images / "export.part");
    kernel::tell(progress, "putting the disk's files together");
    stage_disk(guest_root.tree, kernel, work.path() / "stage");
    write_tar(work.path() / "stage", work.path() / "stage.tar");
    // Beside its final place, so that a failure leaves no half-written disk under that name.
    const fs::path part = target.parent_path() / ("." + target.filename().string() + ".part");
    try {
        create_qcow2(part, options.size_mib);
        fill_disk(Appliance(part, options.use_kvm, progress), work.path() / "stage.tar",
                  boot_record, progress);
        fs::rename(part, target);
    } catch (...) {
        std::error_code ignored;
        fs::remove(part, ignored);
        throw;
    }
}

} // namespace nflab::image

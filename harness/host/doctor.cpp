// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/host/doctor.hpp"

#include "harness/base/error.hpp"
#include "harness/base/paths.hpp"
#include "harness/host/kvm.hpp"
#include "harness/process/command.hpp"

#include <dlfcn.h>
#include <fmt/format.h>
#include <guestfs.h>
#include <libvirt/libvirt.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <fstream>
#include <functional>

namespace nflab::host {
namespace {

namespace fs = std::filesystem;

// Runs a shell line in namespaces like those of a lab; nothing of it reaches the host.
CommandResult in_namespaces(const std::string& line) {
    Command command;
    command.argv = {"unshare", "--net", "--mount", "--pid", "--fork", "--kill-child"};
    if (::geteuid() != 0)
        command.argv.insert(command.argv.end(), {"--user", "--map-current-user", "--keep-caps"});
    command.argv.insert(command.argv.end(), {"sh", "-c", line});
    command.timeout = std::chrono::seconds(10);
    return run(command);
}

std::string first_line(const CommandResult& result) {
    const std::string& text = result.err.empty() ? result.out : result.err;
    return result.timed_out ? "no answer in time" : text.substr(0, text.find('\n'));
}

Finding examine_kvm() {
    const KvmAnswer answer = kvm();
    return {
        "KVM", answer.usable, false, answer.usable ? "runs guest code" : answer.reason,
        "guests run under TCG instead, many times slower. On a real machine: switch on "
        "virtualisation in the firmware, load kvm_intel or kvm_amd, and join the group kvm; in a "
        "virtual machine: ask for nested virtualisation"};
}

Finding examine_namespaces() {
    const CommandResult result = in_namespaces("true");
    return {
        "namespaces", result.ok(), true,
        result.ok() ? (::geteuid() == 0 ? "as root" : "as an ordinary user") : first_line(result),
        "allow them: `sysctl kernel.unprivileged_userns_clone=1` and, where AppArmor forbids it, "
        "`sysctl kernel.apparmor_restrict_unprivileged_userns=0`; or run nflab as root"};
}

Finding examine_link(const std::string& what, const std::string& line, const std::string& remedy) {
    const CommandResult result = in_namespaces("PATH=$PATH:/usr/sbin:/sbin; " + line);
    return {what, result.ok(), true, result.ok() ? "can be made" : first_line(result), remedy};
}

Finding examine_qemu() {
    const std::string program = "qemu-system-x86_64";
    if (find_program(program).empty())
        return {"QEMU", false, true, "not installed", "apt-get install qemu-system-x86"};
    const CommandResult version = run({.argv = {program, "--version"}});
    const CommandResult machines = run({.argv = {program, "-machine", "help"}});
    const bool i440fx = machines.out.find("pc-i440fx") != std::string::npos;
    return {"QEMU", i440fx, true,
            first_line(version) + (i440fx ? "" : ", without the i440FX machine"),
            "install a QEMU with the machine type pc (i440FX)"};
}

Finding examine_libvirt() {
    unsigned long version = 0;
    ::virGetVersion(&version, nullptr, nullptr);
    for (const char* directory :
         {"/usr/lib/x86_64-linux-gnu/libvirt/connection-driver",
          "/usr/lib64/libvirt/connection-driver", "/usr/lib/libvirt/connection-driver"}) {
        const fs::path driver = fs::path(directory) / "libvirt_driver_qemu.so";
        if (!fs::exists(driver))
            continue;
        void* handle = ::dlopen(driver.c_str(), RTLD_LAZY | RTLD_LOCAL);
        const std::string detail = handle ? fmt::format("libvirt {}.{}.{}", version / 1'000'000,
                                                        version / 1000 % 1000, version % 1000)
                                          : ::dlerror();
        if (handle)
            ::dlclose(handle);
        return {"libvirt's QEMU driver", handle != nullptr, true, detail,
                "reinstall libvirt-daemon-driver-qemu"};
    }
    return {"libvirt's QEMU driver", false, true, "the driver is not installed",
            "apt-get install libvirt-daemon-driver-qemu (the daemon itself is not needed)"};
}

Finding examine_guestfs() {
    guestfs_h* handle = ::guestfs_create();
    if (!handle)
        return {"libguestfs", false, false, "cannot be initialised", "reinstall libguestfs0"};
    struct guestfs_version* version = ::guestfs_version(handle);
    std::string detail = version ? fmt::format("libguestfs {}.{}.{}", version->major,
                                               version->minor, version->release)
                                 : "unknown version";
    ::guestfs_free_version(version);
    ::guestfs_close(handle);
    const bool supermin = !find_program("supermin").empty();
    return {"libguestfs", supermin, false,
            supermin ? detail : detail + ", without supermin to make its appliance",
            "apt-get install libguestfs0 supermin (only for disks: `nflab image export`)"};
}

Finding examine_tools() {
    std::string missing;
    for (const char* program : {"ip", "mkfs.erofs", "depmod", "apt-get", "xz"})
        if (find_program(program).empty())
            missing += (missing.empty() ? "" : ", ") + std::string(program);
    return {"tools", missing.empty(), true, missing.empty() ? "all there" : "missing: " + missing,
            "apt-get install iproute2 erofs-utils kmod apt xz-utils"};
}

Finding examine_mirror() {
    if (find_program("apt-get").empty())
        return {"package mirror", false, false, "this host has no apt",
                "hand kernels over with --kernel; guest images need a Debian mirror"};
    const CommandResult targets = run(
        {.argv = {"apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"}});
    std::string mirror;
    for (std::size_t begin = 0; begin < targets.out.size() && mirror.empty();) {
        const std::size_t end = std::min(targets.out.find('\n', begin), targets.out.size());
        const std::string uri = targets.out.substr(begin, end - begin);
        if (uri.find("debian") != std::string::npos)
            mirror = uri;
        begin = end + 1;
    }
    return {
        "package mirror", targets.ok() && !mirror.empty(), false,
        mirror.empty() ? "apt has no Debian source" : mirror,
        "add a Debian mirror to the sources of apt; nflab keeps its own lists and takes only the "
        "address from there"};
}

Finding examine_disk() {
    const fs::path cache = paths::cache();
    struct statvfs space {};
    ::statvfs(cache.c_str(), &space);
    const auto free_mib = static_cast<std::uint64_t>(space.f_bavail) * space.f_frsize / (1U << 20);
    constexpr std::uint64_t wanted_mib = 2048;
    return {"disk", free_mib >= wanted_mib, true,
            fmt::format("{} MiB free for the cache in {}", free_mib, cache.string()),
            "free some space, or point XDG_CACHE_HOME to a larger disk (five kernels need 2 GiB)"};
}

Finding examine_memory() {
    std::ifstream meminfo("/proc/meminfo");
    std::string key;
    std::uint64_t kib = 0;
    std::string unit;
    while (meminfo >> key >> kib >> unit)
        if (key == "MemAvailable:")
            break;
    constexpr std::uint64_t wanted_mib = 768;
    return {"memory", kib / 1024 >= wanted_mib, true, fmt::format("{} MiB available", kib / 1024),
            "a guest takes about 260 MiB; end other programs or use fewer guests"};
}

} // namespace

std::vector<Finding> examine() {
    std::vector<Finding> findings;
    const std::vector<std::pair<const char*, std::function<Finding()>>> examinations = {
        {"KVM", examine_kvm},
        {"namespaces", examine_namespaces},
        {"bridges",
         [] {
             return examine_link(
                 "bridges",
                 "ip link add nflab0 type bridge && ip link add nflab1 type veth "
                 "peer name nflab2 && ip link set nflab1 master nflab0",
                 "load the kernel modules bridge and veth: `modprobe -a bridge veth`");
         }},
        {"taps",
         [] {
             return examine_link("taps", "ip tuntap add nflab0 mode tap vnet_hdr",
                                 "load the module tun: `modprobe tun`; in a container: pass "
                                 "/dev/net/tun in");
         }},
        {"libvirt's QEMU driver", examine_libvirt},
        {"QEMU", examine_qemu},
        {"libguestfs", examine_guestfs},
        {"tools", examine_tools},
        {"package mirror", examine_mirror},
        {"disk", examine_disk},
        {"memory", examine_memory},
    };
    for (const auto& [what, examination] : examinations)
        try {
            findings.push_back(examination());
        } catch (const Error& error) {
            findings.push_back({what, false, true, error.what(), error.hint()});
        }
    return findings;
}

} // namespace nflab::host

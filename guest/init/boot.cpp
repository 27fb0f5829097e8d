// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/init/boot.hpp"

#include "guest/init/configure_links.hpp"
#include "guest/init/free_tree.hpp"
#include "guest/init/problem.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include <chrono>

namespace nflab::agent {
namespace {

constexpr const char* lower = "/nflab/lower";
constexpr const char* writable = "/nflab/rw";
constexpr const char* new_root = "/nflab/root";
constexpr const char* kernel_disk = "/nflab/kernel";

void say(const std::string& message) {
    const std::string line = "nflab-agent: " + message + "\n";
    [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
}

std::string try_mount(const char* source, const std::string& target, const char* type,
                      unsigned long flags = 0, const char* options = "") {
    if (mount(source, target.c_str(), type, flags, options) == 0)
        return {};
    return problem("cannot mount " + std::string(source) + " at " + target);
}

void require(const std::string& error) {
    if (!error.empty())
        end_machine("there is no root: " + error);
}

// A disk appears while its driver's module loads, or shortly after it.
std::string mount_disk(const char* device, const char* target, std::chrono::milliseconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    mkdir(target, 0755);
    while (true) {
        std::string error = try_mount(device, target, "erofs", MS_RDONLY);
        if (error.empty() || (errno != ENOENT && errno != ENXIO) ||
            std::chrono::steady_clock::now() >= deadline)
            return error;
        usleep(1000);
    }
}

} // namespace

void end_machine(const std::string& message) {
    say(message);
    tcdrain(STDERR_FILENO);
    sync();
    reboot(RB_AUTOBOOT);
    _exit(1); // PID 1's end is a panic, which ends the machine, too
}

void Boot::complain(std::string problem) {
    say(problem);
    problems_.push_back(std::move(problem));
}

void Boot::open_console() {
    const int console = open("/dev/console", O_RDWR | O_NOCTTY);
    for (int fd = 0; console >= 0 && fd < 3; ++fd)
        if (console != fd)
            dup2(console, fd);
    if (console > 2)
        close(console);
}

std::vector<Boot::Module> Boot::open_modules(const char* list, bool required) {
    std::vector<Module> modules;
    const UniqueFd file(open(list, O_RDONLY | O_CLOEXEC));
    if (!file) {
        if (required)
            complain(problem("cannot read the list of modules " + std::string(list)));
        return modules;
    }
    std::string text;
    char buffer[4096];
    for (ssize_t size = 0; (size = read(file.get(), buffer, sizeof(buffer))) > 0;)
        text.append(buffer, static_cast<std::size_t>(size));
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string line = text.substr(begin, end - begin);
        begin = end + 1;
        if (line.empty() || line[0] == '#')
            continue;
        const std::size_t space = std::min(line.find(' '), line.size());
        Module module;
        module.name = line.substr(0, space);
        module.parameters = line.substr(std::min(space + 1, line.size()));
        const std::string path = module.name[0] == '/' ? module.name : "/nflab/" + module.name;
        module.file.reset(open(path.c_str(), O_RDONLY | O_CLOEXEC));
        if (module.file)
            modules.push_back(std::move(module));
        else
            complain(problem("cannot open the module " + path));
    }
    return modules;
}

void Boot::load(const std::vector<Module>& modules) {
    for (const Module& module : modules)
        if (syscall(SYS_finit_module, module.file.get(), module.parameters.c_str(), 0) != 0 &&
            errno != EEXIST)
            complain(problem("cannot load the module " + module.name));
}

void Boot::mount_module_tree() {
    if (std::string error = mount_disk("/dev/vdb", kernel_disk, std::chrono::seconds(1));
        !error.empty()) {
        complain("no modules for this kernel: " + error);
        return;
    }
    std::string target = new_root + std::string("/usr/lib/modules");
    mkdir(target.c_str(), 0755);
    if (mount("/nflab/kernel/lib/modules", target.c_str(), nullptr, MS_BIND, nullptr) != 0)
        complain(problem("/dev/vdb has no lib/modules that could be mounted at " + target));
}

void Boot::mount_disks() {
    require(mount_disk("/dev/vda", lower, std::chrono::seconds(5)));
    mkdir(writable, 0755);
    mkdir(new_root, 0755);
    require(try_mount("tmpfs", writable, "tmpfs", 0, "mode=755"));
    mkdir("/nflab/rw/upper", 0755);
    mkdir("/nflab/rw/work", 0755);
    require(try_mount("overlay", new_root, "overlay", 0,
                      "lowerdir=/nflab/lower,upperdir=/nflab/rw/upper,workdir=/nflab/rw/work"));
    mount_module_tree();
}

void Boot::enter_root() {
    umask(0);
    mkdir("/dev", 0755);
    const std::string no_devices = try_mount("devtmpfs", "/dev", "devtmpfs", MS_NOSUID, "mode=755");
    open_console();
    require(no_devices);
    load(open_modules("/nflab/modules", true));
    late_ = open_modules("/nflab/modules.late", false);
    mount_disks();
    const std::string root = new_root;
    for (const char* directory : {"/dev", "/proc", "/sys", "/run", "/tmp"})
        mkdir((root + directory).c_str(), 0755);
    require(try_mount("/dev", root + "/dev", nullptr, MS_MOVE));
    require(try_mount("proc", root + "/proc", "proc", MS_NOSUID | MS_NOEXEC | MS_NODEV));
    require(try_mount("sysfs", root + "/sys", "sysfs", MS_NOSUID | MS_NOEXEC | MS_NODEV));
    require(try_mount("tmpfs", root + "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755"));
    require(try_mount("tmpfs", root + "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777"));
    mkdir((root + "/run/nflab").c_str(), 0755);
    mkdir((root + "/run/nflab/bin").c_str(), 0755);
    if (access("/nflab/bin", F_OK) == 0)
        if (std::string error = try_mount("/nflab/bin", root + "/run/nflab/bin", nullptr, MS_BIND);
            !error.empty())
            complain(std::move(error));
    initramfs_.reset(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (chdir(new_root) != 0 || mount(".", "/", nullptr, MS_MOVE, nullptr) != 0 ||
        chroot(".") != 0 || chdir("/") != 0)
        end_machine(problem("cannot switch to the root on /dev/vda"));
    umask(022);
}

void Boot::finish() {
    load(late_);
    late_.clear();
    mkdir("/dev/pts", 0755);
    mkdir("/dev/shm", 01777);
    constexpr unsigned long plain = MS_NOSUID | MS_NOEXEC;
    struct {
        const char* type;
        const char* target;
        const char* options;
    } const mounts[] = {
        {"devpts", "/dev/pts", "gid=5,mode=620,ptmxmode=666"},
        {"tmpfs", "/dev/shm", "mode=1777"},
        {"cgroup2", "/sys/fs/cgroup", ""},
        {"bpf", "/sys/fs/bpf", "mode=700"},
        {"debugfs", "/sys/kernel/debug", ""},
        {"tracefs", "/sys/kernel/tracing", ""},
        {"securityfs", "/sys/kernel/security", ""},
    };
    for (const auto& item : mounts)
        // A kernel without such a file system has no directory for it, or does not know the type.
        if (std::string error = try_mount(item.type, item.target, item.type, plain, item.options);
            !error.empty() && errno != ENOENT && errno != ENODEV)
            complain(std::move(error));
    const std::pair<const char*, const char*> links[] = {{"/proc/self/fd", "/dev/fd"},
                                                         {"/proc/self/fd/0", "/dev/stdin"},
                                                         {"/proc/self/fd/1", "/dev/stdout"},
                                                         {"/proc/self/fd/2", "/dev/stderr"}};
    for (const auto& [target, link] : links)
        if (symlink(target, link) != 0 && errno != EEXIST)
            complain(problem(std::string("cannot make ") + link));
    configure_devices({}, problems_);
    free_tree(std::move(initramfs_), {"nflab/bin"});
}

} // namespace nflab::agent

// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/lab/spawn.hpp"

#include "harness/base/error.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

namespace nflab::lab {
namespace {

// What a child could not do before exec, in words that the parent can put before strerror.
struct ChildFailure {
    int number = 0;
    std::array<char, 60> step{};
};

[[noreturn]] void give_up(int report, const char* step) {
    ChildFailure failure;
    failure.number = errno;
    std::strncpy(failure.step.data(), step, failure.step.size() - 1);
    [[maybe_unused]] const ssize_t written = ::write(report, &failure, sizeof failure);
    ::_exit(127);
}

pid_t clone_into(std::uint64_t flags, int* pidfd) {
    clone_args arguments{};
    arguments.flags = flags | CLONE_PIDFD;
    arguments.pidfd = reinterpret_cast<std::uint64_t>(pidfd);
    arguments.exit_signal = SIGCHLD;
    return static_cast<pid_t>(::syscall(SYS_clone3, &arguments, sizeof arguments));
}

// As `unshare --keep-caps`: without it, exec() of a program by a user other than root would drop
// what the new user namespace gave.
bool keep_capabilities() {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, 2> data{};
    if (::syscall(SYS_capget, &header, data.data()) != 0)
        return false;
    for (__user_cap_data_struct& half : data)
        half.inheritable = half.permitted;
    if (::syscall(SYS_capset, &header, data.data()) != 0)
        return false;
    for (unsigned long capability = 0; capability < 64; ++capability) {
        const bool permitted =
            data.at(capability / 32).permitted & (1U << static_cast<unsigned>(capability % 32));
        if (permitted && ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) != 0)
            return false;
    }
    return true;
}

void reset_signals() {
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    for (const int number : {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD, SIGWINCH})
        ::signal(number, SIG_DFL);
}

std::string refusal(const ChildFailure& failure) {
    return fmt::format("cannot start a lab: {}: {}", failure.step.data(),
                       std::strerror(failure.number));
}

} // namespace

bool write_file(const char* path, std::string_view text) {
    const UniqueFd file(::open(path, O_WRONLY | O_CLOEXEC));
    return file &&
           ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

NamespaceChild spawn_lab(const std::vector<std::string>& argv,
                         const std::vector<std::pair<int, int>>& fds) {
    // The child of clone3() in a program with threads may not allocate: everything is made here.
    std::vector<char*> arguments;
    arguments.reserve(argv.size() + 1);
    for (const std::string& word : argv)
        arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const bool rootless = ::geteuid() != 0;
    const std::string uid_map = fmt::format("{0} {0} 1\n", ::geteuid());
    const std::string gid_map = fmt::format("{0} {0} 1\n", ::getegid());
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0)
        throw Error(Failure::lab, fmt::format("pipe: {}", std::strerror(errno)));
    const UniqueFd read_end(pipe[0]);
    UniqueFd write_end(pipe[1]);
    constexpr int first_safe = 64; // above every target number
    std::vector<int> parked(fds.size());

    std::uint64_t flags = CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWIPC;
    if (rootless)
        flags |= CLONE_NEWUSER;
    int pidfd = -1;
    const pid_t pid = clone_into(flags, &pidfd);
    if (pid < 0)
        throw Error(Failure::lab,
                    fmt::format("cannot make the lab's namespaces: {}", std::strerror(errno)),
                    rootless ? "this machine may forbid user namespaces to ordinary users: "
                               "`nflab doctor` says more, root does not need them"
                             : "`nflab doctor` says what this machine lacks");
    if (pid == 0) {
        const int report = ::fcntl(write_end.get(), F_DUPFD_CLOEXEC, first_safe);
        reset_signals();
        if (rootless && (!write_file("/proc/self/setgroups", "deny") ||
                         !write_file("/proc/self/uid_map", uid_map) ||
                         !write_file("/proc/self/gid_map", gid_map)))
            give_up(report, "mapping the user into a user namespace");
        if (rootless && !keep_capabilities())
            give_up(report, "keeping capabilities in the user namespace");
        ::setsid();
        for (std::size_t i = 0; i < fds.size(); ++i)
            parked[i] = ::fcntl(fds[i].first, F_DUPFD_CLOEXEC, first_safe);
        const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
        ::dup2(null, STDIN_FILENO);
        ::dup2(null, STDOUT_FILENO);
        for (std::size_t i = 0; i < fds.size(); ++i)
            if (::dup2(parked[i], fds[i].second) < 0)
                give_up(report, "passing descriptors");
        // The last word belongs to `report`: close-on-exec, so it stays until then.
        const unsigned first_unused = 3 + static_cast<unsigned>(fds.size());
        ::close_range(first_unused, ~0U, CLOSE_RANGE_CLOEXEC);
        ::execv(arguments[0], arguments.data());
        give_up(report, "starting the supervisor program");
    }
    NamespaceChild child{pid, UniqueFd(pidfd)};
    write_end.reset();
    ChildFailure failure;
    if (::read(read_end.get(), &failure, sizeof failure) == sizeof failure) {
        ::waitpid(pid, nullptr, 0);
        throw Error(Failure::lab, refusal(failure), "`nflab doctor` says what this machine lacks");
    }
    return child;
}

NamespaceChild fork_node(const std::function<void()>& body) {
    int pidfd = -1;
    const pid_t pid =
        clone_into(CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC, &pidfd);
    if (pid < 0)
        throw Error(Failure::lab,
                    fmt::format("cannot make a node's namespaces: {}", std::strerror(errno)),
                    "see /proc/sys/user/max_*_namespaces");
    if (pid == 0) {
        body();
        ::_exit(127);
    }
    return {pid, UniqueFd(pidfd)};
}

} // namespace nflab::lab

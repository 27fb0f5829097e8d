// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/lab/lab.hpp"

#include "harness/base/error.hpp"
#include "harness/base/paths.hpp"
#include "harness/lab/registry.hpp"
#include "harness/lab/spawn.hpp"
#include "harness/lab/supervisor.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace nflab::lab {
namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;

// What a lab may take beside its guests' boot deadline: namespaces, wiring, libvirt, QEMU's start.
constexpr std::chrono::seconds start_margin{45};

std::string resolve(const std::string& path, const char* what) {
    if (path.empty())
        return path;
    std::error_code error;
    const fs::path real = fs::canonical(path, error);
    if (error)
        throw Error(Failure::lab,
                    fmt::format("the {} {} cannot be used: {}", what, path, error.message()));
    return real.string();
}

// The lab resolves paths under other mounts and in another working directory.
plan::Plan with_real_paths(plan::Plan plan) {
    plan::BootFiles& boot = plan.boot;
    boot.kernel = resolve(boot.kernel, "kernel");
    boot.initrd = resolve(boot.initrd, "initramfs");
    boot.root_image = resolve(boot.root_image, "root image");
    boot.modules_image = resolve(boot.modules_image, "modules image");
    boot.root_tree = resolve(boot.root_tree, "guest root");
    boot.agent = resolve(boot.agent, "agent");
    return plan;
}

UniqueFd memory_file(const std::string& text) {
    UniqueFd file(::memfd_create("nflab-plan", MFD_CLOEXEC));
    if (!file ||
        ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
        ::lseek(file.get(), 0, SEEK_SET) != 0)
        throw Error(Failure::lab,
                    fmt::format("cannot hand over the plan: {}", std::strerror(errno)));
    return file;
}

bool wait_for_end(int pidfd, std::chrono::milliseconds limit) {
    pollfd watched{pidfd, POLLIN, 0};
    return ::poll(&watched, 1, static_cast<int>(limit.count())) == 1;
}

} // namespace

class Starting::Impl {
  public:
    Impl(const plan::Plan& plan, const fs::path& program) : name_(plan.lab) {
        check_name(name_);
        const std::string text = nlohmann::json(with_real_paths(plan)).dump();
        UniqueFd lock = lock_name(name_);
        const UniqueFd file = memory_file(text);
        std::array<int, 2> pair{};
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0)
            throw Error(Failure::lab, fmt::format("socketpair: {}", std::strerror(errno)));
        leash_.reset(pair[0]);
        const UniqueFd theirs(pair[1]);
        const fs::path self = program.empty() ? paths::self() : program;
        child_ = spawn_lab({self.string(), std::string(supervisor_command), name_},
                           {{file.get(), SupervisorFds::plan},
                            {theirs.get(), SupervisorFds::leash},
                            {lock.get(), SupervisorFds::lock}});
        deadline_ = begin_ + plan.deadlines.boot + start_margin;
    }

    ~Impl() {
        if (child_.pid == 0 || released_)
            return;
        // By descriptor: end() in this process may have reaped the process id already.
        ::syscall(SYS_pidfd_send_signal, child_.pidfd.get(), SIGKILL, nullptr, 0);
        wait_for_end(child_.pidfd.get(), std::chrono::seconds(10));
        siginfo_t ignored{};
        ::waitid(P_PIDFD, static_cast<id_t>(child_.pidfd.get()), &ignored, WEXITED | WNOHANG);
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    void await_ready(const std::function<void(const Event&)>& progress) {
        while (!ready_)
            take(read_line(), progress);
    }

    void release() {
        if (released_)
            return;
        if (::send(leash_.get(), &leash_release, 1, MSG_NOSIGNAL) != 1)
            throw Error(Failure::lab, fmt::format("the lab '{}' has ended", name_));
        released_ = true;
        leash_.reset();
    }

    pid_t pid() const { return child_.pid; }

  private:
    std::string read_line() {
        while (true) {
            if (const std::size_t end = input_.find('\n'); end != std::string::npos) {
                std::string line = input_.substr(0, end);
                input_.erase(0, end + 1);
                return line;
            }
            const auto left =
                std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now());
            pollfd watched{leash_.get(), POLLIN, 0};
            if (left.count() <= 0)
                throw Error(
                    Failure::lab,
                    fmt::format("the lab '{}' did not come up: no word from it before its "
                                "deadline ({} s)",
                                name_,
                                std::chrono::duration_cast<std::chrono::seconds>(deadline_ - begin_)
                                    .count()));
            if (::poll(&watched, 1, static_cast<int>(left.count())) <= 0)
                continue;
            std::array<char, 4096> buffer{};
            const ssize_t size = ::read(leash_.get(), buffer.data(), buffer.size());
            if (size <= 0)
                throw Error(Failure::lab,
                            fmt::format("the lab '{}' was killed while it came up", name_));
            input_.append(buffer.data(), static_cast<std::size_t>(size));
        }
    }

    void take(const std::string& line, const std::function<void(const Event&)>& progress) {
        const nlohmann::json message = nlohmann::json::parse(line);
        if (message.contains("error")) {
            const nlohmann::json& error = message["error"];
            throw Error(static_cast<Failure>(error.value("failure", 3)), error.value("message", ""),
                        error.value("hint", ""));
        }
        ready_ = message.value("ready", false);
        Event event;
        if (message.contains("event")) {
            event.node = message["event"].value("node", "");
            event.phase = message["event"].value("phase", "");
        } else {
            event.phase = "ready";
        }
        event.since_start =
            std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin_);
        if (progress)
            progress(event);
    }

    std::string name_;
    Clock::time_point begin_ = Clock::now();
    Clock::time_point deadline_;
    UniqueFd leash_;
    NamespaceChild child_;
    std::string input_;
    bool ready_ = false;
    bool released_ = false;
};

Starting::Starting(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Starting::Starting(Starting&&) noexcept = default;
Starting& Starting::operator=(Starting&&) noexcept = default;
Starting::~Starting() = default;

Starting Starting::start(const plan::Plan& plan, const std::function<void(const Event&)>& progress,
                         const fs::path& program) {
    auto impl = std::make_unique<Impl>(plan, program);
    impl->await_ready(progress);
    return Starting(std::move(impl));
}

pid_t Starting::supervisor() const {
    return impl_->pid();
}

void Starting::release() {
    impl_->release();
}

void end(const std::string& name) {
    const Running lab = find(name);
    const UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, lab.supervisor, 0)));
    if (!pidfd)
        return; // it ended by itself just now
    // The process id may have passed on between the look and the open.
    const std::vector<Running> still = list();
    const bool same = std::any_of(still.begin(), still.end(), [&](const Running& each) {
        return each.name == name && each.supervisor == lab.supervisor;
    });
    if (!same)
        return;
    ::syscall(SYS_pidfd_send_signal, pidfd.get(), SIGKILL, nullptr, 0);
    // PID 1 counts as ended only when everything in its namespace has: see zap_pid_ns_processes().
    if (!wait_for_end(pidfd.get(), std::chrono::seconds(10)))
        throw Error(Failure::lab, fmt::format("the lab '{}' did not end within 10 s", name),
                    fmt::format("process {} is stuck in the kernel; `cat /proc/{}/stack` as root "
                                "says where",
                                lab.supervisor, lab.supervisor));
    ::waitpid(lab.supervisor, nullptr, WNOHANG); // when it is our own child
}

} // namespace nflab::lab

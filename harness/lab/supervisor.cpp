// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/lab/supervisor.hpp"

#include "harness/base/error.hpp"
#include "harness/lab/daemon.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace nflab::lab {
namespace {

// True when the daemon was among the dead.
bool reap(pid_t daemon) {
    bool daemon_ended = false;
    for (pid_t pid; (pid = ::waitpid(-1, nullptr, WNOHANG)) > 0;)
        daemon_ended = daemon_ended || pid == daemon;
    return daemon_ended;
}

} // namespace

int supervise(const std::string& lab) {
    if (::getpid() != 1)
        throw Error(Failure::bad_input, "lab-supervisor is started by nflab itself",
                    "`nflab up SCENARIO` starts a lab");
    sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGCHLD);
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
    const int deaths = ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    const pid_t daemon = ::fork();
    if (daemon < 0 || deaths < 0)
        return 1;
    if (daemon == 0) {
        ::sigprocmask(SIG_UNBLOCK, &signals, nullptr);
        ::close(SupervisorFds::lock);
        run_daemon(lab, SupervisorFds::plan, SupervisorFds::leash);
    }
    ::close(SupervisorFds::plan);
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    ::dup2(null, STDERR_FILENO); // nobody's pipe may be held open by a lab that stays up

    std::array<pollfd, 2> watched{pollfd{deaths, POLLIN, 0},
                                  pollfd{SupervisorFds::leash, POLLIN, 0}};
    while (true) {
        if (::poll(watched.data(), watched.size(), -1) < 0)
            continue;
        if (watched[0].revents) {
            signalfd_siginfo ignored{};
            while (::read(deaths, &ignored, sizeof ignored) > 0) {
            }
            if (reap(daemon))
                return 0;
        }
        if (watched[1].revents) {
            char word = 0;
            if (::read(SupervisorFds::leash, &word, 1) != 1 || word != leash_release)
                return 0;
            ::close(SupervisorFds::leash);
            watched[1].fd = -1;
        }
    }
}

} // namespace nflab::lab

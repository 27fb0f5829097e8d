// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/init/configure_stream.hpp"

#include "guest/init/problem.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>

namespace nflab::agent {
namespace {

constexpr auto limit = std::chrono::seconds(60);

[[noreturn]] void configure_and_exit(const channel::Configuration& configuration, Scope scope,
                                     int report) {
    setpgid(0, 0);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    std::string text;
    for (const std::string& problem : configure(configuration, scope))
        text += (text.empty() ? "" : "\n") + problem;
    const char* rest = text.data();
    std::size_t left = text.size();
    while (left > 0) {
        const ssize_t size = write(report, rest, left);
        if (size <= 0)
            _exit(1);
        rest += size;
        left -= static_cast<std::size_t>(size);
    }
    _exit(0);
}

} // namespace

ConfigureStream::ConfigureStream(Connection& connection, std::uint32_t id,
                                 const channel::Configuration& configuration, Scope scope)
    : Stream(connection, id), deadline_(Clock::now() + limit) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        fail(problem("configure: cannot make a pipe"));
        return;
    }
    problems_.reset(ends[0]);
    const UniqueFd report(ends[1]);
    pid_ = fork();
    if (pid_ == 0)
        configure_and_exit(configuration, scope, report.get());
    if (pid_ < 0)
        fail(problem("configure: cannot start a process"));
    else
        fcntl(problems_.get(), F_SETFL, O_NONBLOCK);
}

ConfigureStream::~ConfigureStream() {
    if (pid_ > 0 && !wait_status_)
        kill(pid_, SIGKILL);
}

void ConfigureStream::signal(int number) {
    if (pid_ > 0 && !wait_status_)
        kill(pid_, number);
}

void ConfigureStream::watch(std::vector<pollfd>& polls) const {
    if (problems_)
        polls.push_back({problems_.get(), POLLIN, 0});
}

void ConfigureStream::work() {
    char buffer[4096];
    while (problems_) {
        const ssize_t size = read(problems_.get(), buffer, sizeof(buffer));
        if (size > 0)
            text_.append(buffer, static_cast<std::size_t>(size));
        else if (size == 0)
            problems_.reset();
        else if (errno != EINTR)
            break;
    }
    if (finished())
        return;
    if (Clock::now() >= deadline_)
        fail("configure took longer than " + std::to_string(limit.count()) + " s");
    else if (!problems_ && wait_status_) {
        if (*wait_status_ != 0 && text_.empty())
            fail("configure ended before its time, with wait status " +
                 std::to_string(*wait_status_));
        else
            fail(text_); // no text, no failure
    }
}

void ConfigureStream::child_ended(pid_t pid, int status) {
    if (pid == pid_)
        wait_status_ = status;
}

} // namespace nflab::agent

// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/trace_loop.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <string_view>
#include <utility>

namespace nflab::nfverdict {
namespace {

UniqueFd block_signals() {
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGTERM);
    sigaddset(&wanted, SIGINT);
    ::signal(SIGPIPE, SIG_IGN);
    ::sigprocmask(SIG_BLOCK, &wanted, nullptr);
    return UniqueFd(::signalfd(-1, &wanted, SFD_CLOEXEC));
}

} // namespace

TraceLoop::TraceLoop(const Options& options, Output& output)
    : options_(options), output_(output), signals_(block_signals()) {}

void TraceLoop::run(const nlohmann::json& ready, Work work) {
    work_ = std::move(work);
    already_lost_ = work_.lost();
    output_.line(ready);
    output_.flush();
    if (options_.duration)
        end_ = Clock::now() + *options_.duration;
    while (!over_ && output_.good()) {
        wait();
        work_.catch_up();
        if (Clock::now() >= next_count_)
            report_losses();
        answer_synchronisations();
        output_.flush();
    }
    settle();
}

void TraceLoop::wait() {
    // The kernel's side only wakes us when its buffer fills up or a ruleset has changed.
    constexpr int look = 50;
    int timeout = look;
    if (end_)
        timeout = std::clamp(
            static_cast<int>(
                std::chrono::ceil<std::chrono::milliseconds>(*end_ - Clock::now()).count()),
            0, look);
    std::vector<pollfd> fds{{signals_.get(), POLLIN, 0}, {input_open_ ? 0 : -1, POLLIN, 0}};
    for (const int fd : work_.fds)
        fds.push_back({fd, POLLIN, 0});
    if (::poll(fds.data(), fds.size(), timeout) < 0 && errno != EINTR)
        over_ = true;
    over_ = over_ || fds[0].revents != 0 || (end_ && Clock::now() >= *end_);
    if (fds[1].revents != 0)
        read_input();
}

void TraceLoop::read_input() {
    std::array<char, 512> bytes{};
    const ssize_t size = ::read(0, bytes.data(), bytes.size());
    if (size <= 0) {
        input_open_ = false;
        over_ = over_ || options_.until_eof;
        return;
    }
    input_.append(bytes.data(), static_cast<std::size_t>(size));
}

/// "sync N": everything up to now is out when the answer is.
void TraceLoop::answer_synchronisations() {
    constexpr std::string_view request = "sync ";
    for (auto end = input_.find('\n'); end != std::string::npos; end = input_.find('\n')) {
        const std::string line = input_.substr(0, end);
        input_.erase(0, end + 1);
        std::uint64_t value = 0;
        const bool known =
            line.starts_with(request) &&
            std::from_chars(line.data() + request.size(), line.data() + line.size(), value).ec ==
                std::errc{};
        if (!known) {
            output_.error(fmt::format("unknown request \"{}\"; known is \"sync NUMBER\"", line));
            continue;
        }
        settle();
        output_.line({{"type", "sync"}, {"value", value}});
    }
}

void TraceLoop::settle() {
    work_.settle();
    report_losses();
}

void TraceLoop::report_losses() {
    constexpr std::chrono::milliseconds pause{200}; // it may ask the kernel about every program
    next_count_ = Clock::now() + pause;
    const std::uint64_t now = work_.lost() - already_lost_;
    if (now == lost_)
        return;
    output_.line({{"type", "lost"}, {"count", now - lost_}});
    lost_ = now;
}

} // namespace nflab::nfverdict

// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/init/run_stream.hpp"

#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

namespace nflab::agent {
namespace {

constexpr auto kill_delay = std::chrono::seconds(2);
// The kernel hands a terminal's last bytes over from a work queue.
constexpr auto terminal_linger = std::chrono::milliseconds(200);
// A terminal that nobody has open reports a hang-up all the time; its program may open it again.
constexpr auto hang_up_pause = std::chrono::milliseconds(20);
constexpr char end_of_transmission = 4; // ^D, which a terminal in cooked mode takes for an end

} // namespace

RunStream::RunStream(Connection& connection, std::uint32_t id, const channel::RunRequest& request)
    : Stream(connection, id), terminal_(request.terminal.has_value()) {
    if (std::string error = spawn(request, child_); !error.empty())
        fail(std::move(error));
    else if (request.timeout_ms != 0)
        deadline_ = Clock::now() + std::chrono::milliseconds(request.timeout_ms);
}

RunStream::~RunStream() {
    // Processes left behind by a program that came to its end may live on.
    if (child_.pid > 0 && (!wait_status_ || timed_out_))
        kill(-child_.pid, SIGKILL);
}

void RunStream::input(std::string_view bytes) {
    const bool open = terminal_ ? bool(child_.output) : bool(child_.input);
    if (input_ended_)
        return;
    if (!open) {
        took_input(bytes.size());
        return;
    }
    if (pending_begin_ > pending_.size() / 2) {
        pending_.erase(0, pending_begin_);
        pending_begin_ = 0;
    }
    pending_.append(bytes);
}

void RunStream::input_end() {
    if (terminal_)
        input(std::string_view(&end_of_transmission, 1));
    input_ended_ = true;
}

void RunStream::signal(int number) {
    if (child_.pid > 0 && !wait_status_)
        kill(-child_.pid, number);
}

void RunStream::resize(const channel::ResizeRequest& request) {
    const winsize size{static_cast<unsigned short>(request.rows),
                       static_cast<unsigned short>(request.columns), 0, 0};
    if (terminal_ && child_.output)
        ioctl(child_.output.get(), TIOCSWINSZ, &size);
}

void RunStream::watch(std::vector<pollfd>& polls) const {
    const bool input_waits = backlog() > 0;
    if (child_.input && input_waits)
        polls.push_back({child_.input.get(), POLLOUT, 0});
    short output_events = may_send() ? POLLIN : 0;
    if (terminal_ && input_waits)
        output_events = static_cast<short>(output_events | POLLOUT);
    // With no event asked for, poll(2) would still report a hang-up, again and again.
    if (child_.output && output_events != 0 && Clock::now() >= hung_up_until_)
        polls.push_back({child_.output.get(), output_events, 0});
    if (child_.error_output && may_send())
        polls.push_back({child_.error_output.get(), POLLIN, 0});
}

std::optional<Clock::time_point> RunStream::deadline() const {
    if (wait_status_)
        return terminal_ && may_send() ? std::optional(linger_until_) : std::nullopt;
    if (Clock::now() < hung_up_until_)
        return deadline_ ? std::min(*deadline_, hung_up_until_) : hung_up_until_;
    return deadline_;
}

void RunStream::check_time() {
    if (wait_status_ || !deadline_ || Clock::now() < *deadline_)
        return;
    signal(timed_out_ ? SIGKILL : SIGTERM);
    timed_out_ = true;
    deadline_ = Clock::now() + kill_delay;
}

void RunStream::close_input() {
    child_.input.reset();
    pass_on(backlog()); // nobody will take it
    pending_.clear();
    pending_begin_ = 0;
}

void RunStream::pass_on(std::size_t bytes) {
    pending_begin_ += bytes;
    // The sender has nothing left to send then; and the terminal's ^D was not its own.
    if (!input_ended_)
        took_input(bytes);
}

void RunStream::write_input() {
    const int fd = terminal_ ? child_.output.get() : child_.input.get();
    while (fd >= 0 && backlog() > 0) {
        const ssize_t size = write(fd, pending_.data() + pending_begin_, backlog());
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0) {
            if (errno != EAGAIN)
                close_input();
            return;
        }
        pass_on(static_cast<std::size_t>(size));
    }
    if (input_ended_)
        close_input();
}

void RunStream::read_output(UniqueFd& fd, channel::FrameType type) {
    char buffer[65536];
    while (fd && may_send()) {
        const ssize_t size = read(fd.get(), buffer, sizeof(buffer));
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0 && errno == EAGAIN) {
            if (wait_status_ && (!terminal_ || Clock::now() >= linger_until_))
                fd.reset();
            return;
        }
        if (size <= 0 && terminal_ && !wait_status_) {
            // EIO: nobody has the terminal open. Closing our end now would send the program SIGHUP.
            hung_up_until_ = Clock::now() + hang_up_pause;
            return;
        }
        if (size <= 0) {
            fd.reset();
            return;
        }
        send(type, std::string_view(buffer, static_cast<std::size_t>(size)));
        if (!wait_status_)
            return; // the other streams' turn
        read_since_end_ += static_cast<std::size_t>(size);
        if (read_since_end_ > last_words)
            fd.reset();
    }
}

void RunStream::work() {
    check_time();
    write_input();
    read_output(child_.output, channel::FrameType::output);
    read_output(child_.error_output, channel::FrameType::error_output);
    finish_if_done();
}

void RunStream::child_ended(pid_t pid, int status) {
    if (pid != child_.pid)
        return;
    wait_status_ = status;
    linger_until_ = Clock::now() + terminal_linger;
}

void RunStream::finish_if_done() {
    if (finished() || !wait_status_ || child_.output || child_.error_output)
        return;
    channel::ExitStatus status;
    if (WIFSIGNALED(*wait_status_))
        status.signal = WTERMSIG(*wait_status_);
    else
        status.code = WEXITSTATUS(*wait_status_);
    status.timed_out = timed_out_;
    finish(std::move(status));
}

} // namespace nflab::agent

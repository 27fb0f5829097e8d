// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/cli/forwarding.hpp"

#include "harness/base/error.hpp"

#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <initializer_list>
#include <optional>

namespace nflab::cli {
namespace {

// A signal may come between a look and a wait; so no wait is longer than this.
constexpr std::chrono::milliseconds look_again{200};
constexpr int give_up_after = 3; // the third Ctrl-C ends us, whatever the command does

volatile std::sig_atomic_t pending_signal = 0;
volatile std::sig_atomic_t interrupts = 0;
volatile std::sig_atomic_t resized = 0;

void remember(int number) {
    if (number == SIGWINCH) {
        resized = 1;
        return;
    }
    pending_signal = number;
    interrupts = interrupts + 1;
}

class SignalHandlers {
  public:
    SignalHandlers() {
        struct sigaction action {};
        action.sa_handler = remember;
        for (std::size_t i = 0; i < numbers.size(); ++i)
            ::sigaction(numbers[i], &action, &before_[i]);
    }
    ~SignalHandlers() {
        for (std::size_t i = 0; i < numbers.size(); ++i)
            ::sigaction(numbers[i], &before_[i], nullptr);
    }
    SignalHandlers(const SignalHandlers&) = delete;
    SignalHandlers& operator=(const SignalHandlers&) = delete;

  private:
    static constexpr std::array<int, 4> numbers{SIGINT, SIGTERM, SIGHUP, SIGWINCH};
    std::array<struct sigaction, 4> before_{};
};

class RawTerminal {
  public:
    RawTerminal() {
        if (::tcgetattr(STDIN_FILENO, &before_) != 0)
            throw Error(Failure::bad_input, "a shell needs a terminal on its standard input",
                        "`nflab exec LAB NODE -- COMMAND…` works without one");
        termios raw = before_;
        ::cfmakeraw(&raw);
        ::tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
    }
    ~RawTerminal() { ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before_); }
    RawTerminal(const RawTerminal&) = delete;
    RawTerminal& operator=(const RawTerminal&) = delete;

  private:
    termios before_{};
};

void write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            throw Error(Failure::lab, "the command's output can no longer be written");
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

int shell_code(const channel::ExitStatus& status) {
    if (!status.error.empty())
        throw Error(Failure::lab, status.error);
    if (status.timed_out)
        return 124; // as timeout(1)
    return status.signal ? 128 + status.signal : status.code;
}

void follow_size(lab::Session& session, lab::StreamId stream) {
    winsize size{};
    if (::ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0)
        session.resize(stream, size.ws_row, size.ws_col);
}

} // namespace

int forward(lab::Session& session, const std::string& node, const channel::RunRequest& request,
            Keyboard keyboard) {
    std::optional<RawTerminal> raw;
    if (keyboard == Keyboard::raw)
        raw.emplace();
    const SignalHandlers handlers;
    std::optional<channel::ExitStatus> end;
    const lab::StreamId stream =
        session.start(node, request,
                      {[](std::string_view bytes) { write_all(STDOUT_FILENO, bytes); },
                       [](std::string_view bytes) { write_all(STDERR_FILENO, bytes); },
                       [&](const channel::ExitStatus& status) { end = status; }});
    bool input_open = request.input;
    const auto take_input = [&] {
        std::array<char, 65536> buffer{};
        const ssize_t size = ::read(STDIN_FILENO, buffer.data(), buffer.size());
        if (size < 0 && (errno == EINTR || errno == EAGAIN))
            return;
        if (size > 0) {
            session.send_input(stream, {buffer.data(), static_cast<std::size_t>(size)});
            return;
        }
        session.end_input(stream);
        input_open = false;
    };
    // What the command is not ready for stays where it comes from.
    const auto input_wanted = [&] { return input_open && session.input_backlog(stream) == 0; };
    interrupts = 0;
    while (!end) {
        const bool watching = input_wanted();
        session.wait([&] { return end.has_value() || watching != input_wanted(); }, look_again,
                     watching ? STDIN_FILENO : -1, take_input);
        if (resized && keyboard == Keyboard::raw) {
            resized = 0;
            follow_size(session, stream);
        }
        if (const int number = pending_signal) {
            pending_signal = 0;
            // A terminal that hangs up takes the shell on it along; Ctrl-C is a key there.
            if (interrupts >= give_up_after || keyboard == Keyboard::raw)
                return 128 + number;
            session.send_signal(stream, number);
        }
    }
    raw.reset();
    return shell_code(*end);
}

} // namespace nflab::cli

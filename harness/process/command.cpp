// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/process/command.hpp"

#include "harness/base/error.hpp"

#include <boost/asio.hpp>
#include <boost/process.hpp>
#include <boost/process/extend.hpp>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <array>
#include <csignal>

namespace nflab {
namespace {

namespace asio = boost::asio;
namespace bp = boost::process;

// An ordinary user's $PATH lacks the sbin directories that hold ip, depmod and dnsmasq.
std::vector<std::filesystem::path> search_path() {
    auto path = boost::this_process::path();
    for (const char* extra : {"/usr/local/sbin", "/usr/sbin", "/sbin"})
        path.emplace_back(extra);
    return path;
}

bool is_plain(const std::string& word) {
    return !word.empty() && word.find_first_not_of("abcdefghijklmnopqrstuvwxyz"
                                                   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                   "0123456789_-+=./:,@%") == std::string::npos;
}

// Reads a pipe to its end into `sink`; keeps itself alive through the handler chain.
class Collector {
  public:
    Collector(bp::async_pipe& pipe, std::string& sink, std::function<void()> on_more)
        : pipe_(pipe), sink_(sink), on_more_(std::move(on_more)) {}

    void start() {
        pipe_.async_read_some(asio::buffer(buffer_), [this](const auto& error, std::size_t size) {
            sink_.append(buffer_.data(), size);
            if (error)
                return;
            on_more_();
            start();
        });
    }

  private:
    bp::async_pipe& pipe_;
    std::string& sink_;
    std::function<void()> on_more_;
    std::array<char, 16384> buffer_{};
};

// A program that ends without reading its input must not end us by SIGPIPE. Only this thread is
// guarded: an ignored signal would be inherited by every program that other threads start
// meanwhile.
class SigpipeGuard {
  public:
    SigpipeGuard() {
        sigemptyset(&pipe_);
        sigaddset(&pipe_, SIGPIPE);
        ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
    }
    ~SigpipeGuard() {
        const timespec now{};
        while (::sigtimedwait(&pipe_, nullptr, &now) > 0) {
        }
        ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    SigpipeGuard(const SigpipeGuard&) = delete;
    SigpipeGuard& operator=(const SigpipeGuard&) = delete;
    const sigset_t& before() const { return before_; }

  private:
    sigset_t pipe_{};
    sigset_t before_{};
};

std::string tail(const std::string& text, std::size_t bytes) {
    if (text.size() <= bytes)
        return text;
    return "…" + text.substr(text.size() - bytes);
}

} // namespace

std::filesystem::path find_program(const std::string& name) {
    if (name.find('/') != std::string::npos)
        return std::filesystem::exists(name) ? std::filesystem::path(name)
                                             : std::filesystem::path();
    return bp::search_path(name, search_path()).string();
}

CommandResult run(const Command& command) {
    const std::filesystem::path program = find_program(command.argv.at(0));
    if (program.empty())
        throw Error(Failure::lab, fmt::format("the program {} is not installed", command.argv[0]),
                    "`nflab doctor` lists what is missing and how to get it");

    asio::io_context io;
    bp::async_pipe out(io);
    bp::async_pipe err(io);
    bp::async_pipe in(io);
    bp::environment environment = boost::this_process::environment();
    for (const auto& [name, value] : command.environment)
        environment[name] = value;
    const std::vector<std::string> arguments(command.argv.begin() + 1, command.argv.end());
    const std::string directory = command.directory.empty()
                                      ? std::filesystem::current_path().string()
                                      : command.directory.string();

    const SigpipeGuard guard;
    // Our own death, however it comes, must not leave the program behind.
    const auto die_with_us = bp::extend::on_exec_setup = [&guard](auto&) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::pthread_sigmask(SIG_SETMASK, &guard.before(), nullptr);
    };

    CommandResult result;
    bp::group group;
    std::error_code error;
    bp::child child(bp::exe = program.string(), bp::args = arguments, environment,
                    bp::start_dir = directory, (bp::std_in < in), (bp::std_out > out),
                    (bp::std_err > err), group, die_with_us, io, error);
    if (error)
        throw Error(Failure::lab,
                    fmt::format("cannot start {}: {}", program.string(), error.message()));

    Collector out_collector(out, result.out, [&] {
        if (result.stopped || !command.stop_when || !command.stop_when(result.out))
            return;
        result.stopped = true;
        std::error_code ignored;
        group.terminate(ignored);
    });
    Collector err_collector(err, result.err, [] {});
    out_collector.start();
    err_collector.start();
    asio::async_write(in, asio::buffer(command.input),
                      [&in](const auto&, std::size_t) { in.close(); });

    if (io.run_for(command.timeout); !io.stopped()) {
        result.timed_out = true;
        std::error_code ignored;
        group.terminate(ignored);
        // A grandchild that left the group may hold the pipes open: do not wait for it.
        io.run_for(std::chrono::seconds(1));
    }
    child.wait(error);
    const int status = child.native_exit_code();
    if (WIFSIGNALED(status))
        result.signal = WTERMSIG(status);
    else
        result.exit_code = WEXITSTATUS(status);
    return result;
}

std::string output_of(const Command& command) {
    CommandResult result = run(command);
    if (result.ok())
        return std::move(result.out);
    std::string how = fmt::format("exit code {}", result.exit_code);
    if (result.timed_out)
        how = fmt::format("no end within {} s", command.timeout.count() / 1000);
    else if (result.signal)
        how = fmt::format("killed by signal {}", result.signal);
    throw Error(Failure::lab,
                fmt::format("{} failed ({})\n{}", to_shell(command.argv), how,
                            tail(result.err.empty() ? result.out : result.err, 2000)));
}

std::string to_shell(const std::vector<std::string>& argv) {
    std::string line;
    for (const std::string& word : argv) {
        if (!line.empty())
            line += ' ';
        if (is_plain(word)) {
            line += word;
            continue;
        }
        line += '\'';
        for (const char c : word)
            line += c == '\'' ? std::string("'\\''") : std::string(1, c);
        line += '\'';
    }
    return line;
}

} // namespace nflab

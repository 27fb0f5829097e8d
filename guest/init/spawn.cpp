// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/init/spawn.hpp"

#include "guest/init/network_namespace.hpp"
#include "guest/init/problem.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <vector>

namespace nflab::agent {
namespace {

using channel::RunRequest;

/// What the child will have as 0, 1 and 2, and the pipe by which it tells that it could not start.
struct ChildEnds {
    UniqueFd input;
    UniqueFd output;
    UniqueFd error_output;
    UniqueFd report;
};

enum class Step : int { network, directory, program };

struct StartFailure {
    Step step;
    int error;
};

bool make_pipe(UniqueFd& reader, UniqueFd& writer) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    reader.reset(ends[0]);
    writer.reset(ends[1]);
    return true;
}

void never_block(const UniqueFd& fd) {
    if (fd)
        fcntl(fd.get(), F_SETFL, fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
}

std::string open_terminal(const channel::Terminal& terminal, Spawned& child, ChildEnds& ends) {
    child.output.reset(open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (!child.output)
        return problem("cannot get a terminal: /dev/ptmx");
    const int unlock = 0;
    if (ioctl(child.output.get(), TIOCSPTLCK, &unlock) != 0)
        return problem("cannot unlock the terminal");
    const winsize size{static_cast<unsigned short>(terminal.rows),
                       static_cast<unsigned short>(terminal.columns), 0, 0};
    ioctl(child.output.get(), TIOCSWINSZ, &size);
    // The slave by its master, whatever is mounted at /dev/pts (Linux 4.13, ioctl_tty(2)).
    ends.output.reset(ioctl(child.output.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (!ends.output)
        return problem("cannot open the terminal");
    return {};
}

std::string open_pipes(const RunRequest& request, Spawned& child, ChildEnds& ends) {
    if (request.input) {
        if (!make_pipe(ends.input, child.input))
            return problem("cannot make a pipe");
    } else {
        ends.input.reset(open("/dev/null", O_RDONLY | O_CLOEXEC));
        if (!ends.input)
            return problem("cannot open /dev/null");
    }
    if (!make_pipe(child.output, ends.output) || !make_pipe(child.error_output, ends.error_output))
        return problem("cannot make a pipe");
    return {};
}

[[noreturn]] void give_up(const ChildEnds& ends, Step step) {
    const StartFailure failure{step, errno};
    [[maybe_unused]] const ssize_t written = write(ends.report.get(), &failure, sizeof(failure));
    _exit(127);
}

void set_environment(const RunRequest& request) {
    clearenv();
    setenv("PATH", default_path, 1);
    setenv("HOME", "/root", 1);
    setenv("LANG", "C.UTF-8", 1);
    if (request.terminal)
        setenv("TERM", request.terminal->term.c_str(), 1);
    for (const auto& [name, value] : request.environment)
        setenv(name.c_str(), value.c_str(), 1);
}

[[noreturn]] void become(const RunRequest& request, const ChildEnds& ends) {
    setsid();
    const bool terminal = request.terminal.has_value();
    if (terminal)
        ioctl(ends.output.get(), TIOCSCTTY, 0);
    dup2(terminal ? ends.output.get() : ends.input.get(), STDIN_FILENO);
    dup2(ends.output.get(), STDOUT_FILENO);
    dup2(terminal ? ends.output.get() : ends.error_output.get(), STDERR_FILENO);
    for (int number = 1; number < NSIG; ++number)
        signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    umask(022);
    UniqueFd network;
    if (!request.netns.empty() && (!open_namespace(request.netns, network).empty() ||
                                   setns(network.get(), CLONE_NEWNET) != 0))
        give_up(ends, Step::network);
    if (!request.directory.empty() && chdir(request.directory.c_str()) != 0)
        give_up(ends, Step::directory);
    set_environment(request);
    std::vector<char*> argv;
    for (const std::string& argument : request.argv)
        argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    execvp(argv[0], argv.data());
    give_up(ends, Step::program);
}

// The pipe closes when the program starts; what it says before that is why it did not.
std::string read_report(const RunRequest& request, const UniqueFd& report) {
    StartFailure failure{};
    ssize_t size = 0;
    do
        size = read(report.get(), &failure, sizeof(failure));
    while (size < 0 && errno == EINTR);
    if (size != sizeof(failure))
        return {};
    errno = failure.error;
    if (failure.step == Step::directory)
        return problem("cannot run '" + request.argv[0] + "' in the directory '" +
                       request.directory + "'");
    if (failure.step == Step::network)
        return problem("cannot run '" + request.argv[0] + "' in the network namespace '" +
                       request.netns + "'");
    if (failure.error == ENOENT && request.argv[0].find('/') == std::string::npos)
        return "there is no program '" + request.argv[0] + "' in the node's PATH";
    return problem("cannot run '" + request.argv[0] + "'");
}

} // namespace

std::string spawn(const RunRequest& request, Spawned& child) {
    if (request.argv.empty() || request.argv[0].empty())
        return "run: argv is empty; it must begin with the program's name";
    ChildEnds ends;
    std::string error = request.terminal ? open_terminal(*request.terminal, child, ends)
                                         : open_pipes(request, child, ends);
    UniqueFd report;
    if (error.empty() && !make_pipe(report, ends.report))
        error = problem("cannot make a pipe");
    if (!error.empty())
        return error;
    child.pid = fork();
    if (child.pid < 0)
        return problem("cannot start '" + request.argv[0] + "'");
    if (child.pid == 0)
        become(request, ends);
    ends = ChildEnds{};
    error = read_report(request, report);
    if (!error.empty()) {
        waitpid(child.pid, nullptr, 0);
        child = Spawned{};
        return error;
    }
    never_block(child.input);
    never_block(child.output);
    never_block(child.error_output);
    return {};
}

} // namespace nflab::agent

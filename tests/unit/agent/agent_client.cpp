// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/agent/agent_client.hpp"

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

using namespace nflab;
using namespace nflab::channel;

namespace {

void write_file(const char* path, const std::string& text) {
    const UniqueFd file(open(path, O_WRONLY | O_CLOEXEC));
    if (!file || write(file.get(), text.data(), text.size()) < 0)
        _exit(124);
}

// Works for root and for an ordinary user alike: user_namespaces(7).
void isolate() {
    const std::string user = std::to_string(geteuid());
    const std::string group = std::to_string(getegid());
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) != 0)
        _exit(125);
    write_file("/proc/self/setgroups", "deny");
    write_file("/proc/self/uid_map", "0 " + user + " 1");
    write_file("/proc/self/gid_map", "0 " + group + " 1");
    // Names of network namespaces are files there.
    if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("tmpfs", "/run", "tmpfs", 0, nullptr) != 0)
        _exit(125);
}

} // namespace

AgentClient::AgentClient(bool isolated) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        throw std::runtime_error("no socket pair");
    channel_.reset(ends[0]);
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    const timeval limit{10, 0};
    setsockopt(ends[0], SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    const std::string fd = std::to_string(ends[1]);
    pid_ = fork();
    if (pid_ == 0) {
        if (isolated)
            isolate();
        execl(NFLAB_BINARY_DIR "/guest/bin/nflab-agent", "nflab-agent", "--fd", fd.c_str(),
              nullptr);
        _exit(126);
    }
    ::close(ends[1]);
    const Frame frame = receive();
    if (frame.type != FrameType::hello || frame.stream != 0)
        throw std::runtime_error("the agent's first frame is not hello");
    hello = parse_payload(frame.payload).get<Hello>();
}

AgentClient::~AgentClient() {
    if (pid_ > 0)
        close();
}

void AgentClient::send(FrameType type, std::uint32_t stream, std::string_view payload) {
    send_raw(encode(type, stream, payload));
}

void AgentClient::send_raw(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t size = ::send(channel_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (size < 0)
            throw std::runtime_error("the agent does not take bytes");
        bytes.remove_prefix(static_cast<std::size_t>(size));
    }
}

Frame AgentClient::receive() {
    while (true) {
        Frame frame = next_frame();
        if (frame.type != FrameType::window)
            return frame;
        if (const auto found = windows_.find(frame.stream); found != windows_.end()) {
            found->second.acknowledge(parse_payload(frame.payload).get<WindowUpdate>().bytes);
            send_held(frame.stream);
        }
    }
}

void AgentClient::input(std::uint32_t stream, std::string_view bytes) {
    windows_[stream].push(bytes);
    send_held(stream);
}

void AgentClient::end_input(std::uint32_t stream) {
    windows_[stream].end();
    send_held(stream);
}

void AgentClient::send_held(std::uint32_t stream) {
    InputWindow& window = windows_[stream];
    for (std::string bytes = window.take(max_payload); !bytes.empty();
         bytes = window.take(max_payload))
        send(FrameType::input, stream, bytes);
    if (window.take_end())
        send(FrameType::input_end, stream);
}

Frame AgentClient::next_frame() {
    while (true) {
        if (auto frame = decoder_.next())
            return *frame;
        pollfd poll_channel{channel_.get(), POLLIN, 0};
        if (poll(&poll_channel, 1, 10'000) != 1)
            throw std::runtime_error("the agent says nothing for 10 s");
        char buffer[65536];
        const ssize_t size = read(channel_.get(), buffer, sizeof(buffer));
        if (size <= 0)
            throw std::runtime_error("the agent closed the channel");
        decoder_.feed(std::string_view(buffer, static_cast<std::size_t>(size)));
    }
}

std::uint32_t AgentClient::start(const RunRequest& request) {
    send(FrameType::run, ++streams_, to_payload(request));
    return streams_;
}

AgentClient::Result AgentClient::finish(std::uint32_t stream) {
    Result result;
    while (true) {
        const Frame frame = receive();
        if (frame.stream != stream)
            continue;
        if (frame.type == FrameType::output)
            result.out += frame.payload;
        else if (frame.type == FrameType::error_output)
            result.err += frame.payload;
        else if (frame.type == FrameType::exit) {
            result.status = parse_payload(frame.payload).get<ExitStatus>();
            return result;
        }
    }
}

AgentClient::Result AgentClient::run(const RunRequest& request) {
    return finish(start(request));
}

AgentClient::Result AgentClient::run(const std::string& shell_command) {
    RunRequest request;
    request.argv = {"sh", "-c", shell_command};
    return run(request);
}

int AgentClient::close() {
    channel_.reset();
    int status = 0;
    for (int i = 0; i < 5000; ++i) {
        if (waitpid(pid_, &status, WNOHANG) == pid_) {
            pid_ = -1;
            return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        }
        usleep(1000);
    }
    kill(pid_, SIGKILL);
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return -1;
}

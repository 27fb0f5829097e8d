// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/init/agent.hpp"

#include "guest/init/configure_stream.hpp"
#include "guest/init/file_stream.hpp"
#include "guest/init/run_stream.hpp"

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/signalfd.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

namespace nflab::agent {
namespace {

using channel::FrameType;

// A port without a peer reports a hang-up all the time, so that poll(2) cannot wait for the peer.
constexpr int reconnect_poll_ms = 20;

std::string hello_payload(const std::vector<std::string>& problems) {
    utsname names{};
    uname(&names);
    channel::Hello hello;
    hello.protocol = channel::protocol_version;
    hello.kernel_release = names.release;
    hello.kernel_version = names.version;
    hello.machine = names.machine;
    hello.problems = problems;
    return channel::to_payload(hello);
}

int poll_timeout(std::optional<Clock::time_point> deadline) {
    if (!deadline)
        return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1 << 30));
}

bool opens_stream(FrameType type) {
    return type == FrameType::run || type == FrameType::put || type == FrameType::get ||
           type == FrameType::configure;
}

bool belongs_to_stream(FrameType type) {
    return type == FrameType::input || type == FrameType::input_end || type == FrameType::signal ||
           type == FrameType::resize;
}

} // namespace

Agent::Agent(UniqueFd channel, Options options)
    : fd_(std::move(channel)), options_(std::move(options)) {
    fcntl(fd_.get(), F_SETFL, fcntl(fd_.get(), F_GETFL) | O_NONBLOCK);
    fcntl(fd_.get(), F_SETFD, FD_CLOEXEC);
    ::signal(SIGPIPE, SIG_IGN);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    signals_.reset(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
}

Agent::~Agent() = default;

bool Agent::peer_present() const {
    if (!options_.reconnect)
        return true;
    pollfd port{fd_.get(), POLLIN | POLLOUT, 0};
    return poll(&port, 1, 0) >= 0 && (port.revents & (POLLHUP | POLLERR)) == 0;
}

void Agent::greet() {
    if (!connection_ && peer_present())
        connect();
}

void Agent::connect() {
    connection_.emplace(fd_.get());
    connection_->send(FrameType::hello, 0, hello_payload(options_.problems));
    if (!connection_->flush())
        disconnect();
}

void Agent::disconnect() {
    streams_.clear();
    connection_.reset();
    peer_error_.clear();
    ended_ = !options_.reconnect;
}

void Agent::serve() {
    while (!ended_) {
        greet();
        if (!ended_)
            wait();
    }
}

void Agent::wait() {
    std::vector<pollfd> polls{{signals_.get(), POLLIN, 0}};
    std::optional<Clock::time_point> deadline;
    if (!connection_)
        deadline = Clock::now() + std::chrono::milliseconds(reconnect_poll_ms);
    else {
        const short output = connection_->wants_write() ? POLLOUT : 0;
        polls.push_back({fd_.get(), static_cast<short>(POLLIN | output), 0});
    }
    for (const auto& [id, stream] : streams_) {
        stream->watch(polls);
        if (const auto next = stream->deadline())
            deadline = deadline ? std::min(*deadline, *next) : *next;
    }
    if (poll(polls.data(), polls.size(), poll_timeout(deadline)) < 0)
        return;
    if (polls[0].revents != 0)
        reap();
    if (!connection_ || ended_)
        return;
    if ((polls[1].revents & POLLIN) != 0)
        receive();
    else if ((polls[1].revents & (POLLHUP | POLLERR)) != 0)
        disconnect();
    if (connection_)
        work_streams();
    if (connection_ && !connection_->flush())
        disconnect();
}

void Agent::receive() {
    const bool open = connection_->receive();
    try {
        while (const auto frame = connection_->next())
            handle(*frame);
    } catch (const std::exception& error) {
        // Nothing that follows can be understood: begin again, and say so.
        disconnect();
        if (options_.reconnect) {
            connect();
            connection_->send(FrameType::exit, 0,
                              channel::to_payload(channel::ExitStatus{0, 0, false, error.what()}));
        }
        return;
    }
    if (!open)
        disconnect();
}

void Agent::refuse(std::uint32_t stream, const std::string& error) {
    channel::ExitStatus status;
    status.error = error;
    connection_->send(FrameType::exit, stream, channel::to_payload(status));
}

void Agent::handle(const channel::Frame& frame) {
    if (frame.stream == 0) {
        handle_connection(frame);
    } else if (opens_stream(frame.type)) {
        open_stream(frame);
    } else if (belongs_to_stream(frame.type)) {
        // What was on its way when the stream ended is no mistake.
        if (const auto found = streams_.find(frame.stream); found != streams_.end())
            handle_stream(*found->second, frame);
    } else {
        refuse(frame.stream, "the agent does not know frames of type " +
                                 std::to_string(static_cast<int>(frame.type)));
    }
}

void Agent::handle_connection(const channel::Frame& frame) {
    if (frame.type == FrameType::ping) {
        connection_->send(FrameType::pong, 0, frame.payload);
    } else if (frame.type == FrameType::hello) {
        int protocol = 0;
        try {
            protocol = channel::parse_payload(frame.payload).get<channel::Hello>().protocol;
        } catch (const std::exception&) {
            protocol = 0;
        }
        peer_error_ = protocol == channel::protocol_version
                          ? std::string{}
                          : "the agent speaks version " +
                                std::to_string(channel::protocol_version) +
                                " of the guest channel, the lab version " +
                                std::to_string(protocol) + ": both must come from one build";
    } else if (frame.type != FrameType::pong) {
        refuse(0, "frames of type " + std::to_string(static_cast<int>(frame.type)) +
                      " need a stream that is not 0");
    }
}

void Agent::open_stream(const channel::Frame& frame) {
    if (!peer_error_.empty()) {
        refuse(frame.stream, peer_error_);
    } else if (streams_.erase(frame.stream) > 0) {
        refuse(frame.stream,
               "stream " + std::to_string(frame.stream) + " was opened a second time");
    } else if (streams_.size() >= max_streams) {
        refuse(frame.stream, "more than " + std::to_string(max_streams) + " streams at once");
    } else {
        try {
            streams_[frame.stream] = make_stream(frame);
        } catch (const std::exception& error) {
            streams_.erase(frame.stream);
            refuse(frame.stream, std::string("the request cannot be read: ") + error.what());
        }
    }
}

std::unique_ptr<Stream> Agent::make_stream(const channel::Frame& frame) {
    const auto request = channel::parse_payload(frame.payload);
    switch (frame.type) {
    case FrameType::run:
        return std::make_unique<RunStream>(*connection_, frame.stream,
                                           request.get<channel::RunRequest>());
    case FrameType::put:
        return std::make_unique<PutStream>(*connection_, frame.stream,
                                           request.get<channel::PutRequest>());
    case FrameType::get:
        return std::make_unique<GetStream>(*connection_, frame.stream,
                                           request.get<channel::GetRequest>());
    default:
        return std::make_unique<ConfigureStream>(
            *connection_, frame.stream, request.get<channel::Configuration>(), options_.scope);
    }
}

void Agent::handle_stream(Stream& stream, const channel::Frame& frame) {
    try {
        if (frame.type == FrameType::input)
            take_input(stream, frame.payload);
        else if (frame.type == FrameType::input_end)
            stream.input_end();
        else if (frame.type == FrameType::signal)
            stream.signal(
                channel::parse_payload(frame.payload).get<channel::SignalRequest>().signal);
        else
            stream.resize(channel::parse_payload(frame.payload).get<channel::ResizeRequest>());
    } catch (const std::exception& error) {
        streams_.erase(frame.stream);
        refuse(frame.stream, std::string("the request cannot be read: ") + error.what());
    }
}

void Agent::take_input(Stream& stream, std::string_view bytes) {
    stream.input(bytes);
    if (stream.backlog() > channel::input_limit && !stream.finished())
        stream.give_up("more than " + std::to_string(channel::input_limit) +
                       " bytes of input wait for the program: the sender does not keep to the "
                       "stream's window of " +
                       std::to_string(channel::input_window));
}

void Agent::work_streams() {
    for (auto item = streams_.begin(); item != streams_.end();) {
        Stream& stream = *item->second;
        if (!stream.finished())
            stream.work();
        if (!stream.finished()) {
            ++item;
            continue;
        }
        connection_->send(FrameType::exit, item->first, channel::to_payload(*stream.finished()));
        item = streams_.erase(item);
    }
}

void Agent::reap() {
    signalfd_siginfo info{};
    while (read(signals_.get(), &info, sizeof(info)) == sizeof(info))
        if (info.ssi_signo == SIGTERM && !options_.reconnect)
            disconnect();
    int status = 0;
    for (pid_t pid = 0; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
        for (const auto& [id, stream] : streams_)
            stream->child_ended(pid, status);
}

} // namespace nflab::agent

// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/lab/control_client.hpp"

#include "harness/base/error.hpp"
#include "harness/lab/registry.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

namespace nflab::lab {
namespace {

using channel::Frame;
using channel::FrameType;
using std::chrono::milliseconds;

constexpr std::chrono::seconds answer_limit{10}; // of the lab daemon itself, to info
constexpr std::chrono::seconds quiet_before_ping{5};
constexpr std::chrono::seconds quiet_before_giving_up{30};
constexpr std::size_t chunk = 65536;
constexpr std::size_t output_limit = 4U << 20; // then sending waits for the lab to take it

UniqueFd connect_to(const Running& lab) {
    UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = inside(lab.supervisor, control_socket);
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    if (!lab.ready)
        throw Error(Failure::lab, fmt::format("the lab '{}' is still coming up", lab.name),
                    "try again in a moment");
    if (!socket ||
        ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw Error(Failure::lab, fmt::format("the lab '{}' cannot be reached: {}", lab.name,
                                              std::strerror(errno)));
    return socket;
}

channel::ExitStatus status_of(const Frame& frame, bool& node_lost) {
    const nlohmann::json message = nlohmann::json::parse(frame.payload, nullptr, false);
    channel::ExitStatus status;
    if (!message.is_object()) {
        status.error = "the node's answer cannot be read";
        return status;
    }
    node_lost = message.value("node_lost", false) || message.value("refused", false);
    return message.get<channel::ExitStatus>();
}

} // namespace

ControlClient::ControlClient(const std::string& lab) : lab_(lab), socket_(connect_to(find(lab))) {
    plan_ = ask().at("plan").get<plan::Plan>();
}

nlohmann::json ControlClient::ask() {
    answer_.reset();
    post({FrameType::info, 0, {}});
    wait([this] { return answer_.has_value(); }, answer_limit, -1, {}, true);
    if (!answer_)
        throw Error(Failure::lab, fmt::format("the lab '{}' does not answer", lab_));
    return *std::exchange(answer_, std::nullopt);
}

StreamId ControlClient::open(const std::string& node, const char* type, nlohmann::json request,
                             Stream stream) {
    plan_.require_node(node);
    // A namespace inside of a node is served by the node's agent.
    const std::size_t slash = node.find('/');
    if (slash != std::string::npos && type == std::string_view("run"))
        request["netns"] = node.substr(slash + 1);
    const StreamId id = next_++;
    streams_[id] = std::move(stream);
    post({FrameType::attach, id,
          nlohmann::json{
              {"node", node.substr(0, slash)}, {"type", type}, {"request", std::move(request)}}
              .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)});
    return id;
}

void ControlClient::close(StreamId id) {
    if (streams_.erase(id) != 0)
        post({FrameType::signal, id, nlohmann::json{{"signal", SIGKILL}}.dump()});
}

void ControlClient::input(StreamId id, std::string_view bytes) {
    if (const auto found = streams_.find(id); found != streams_.end()) {
        found->second.input.push(bytes);
        send_input(id, found->second.input);
        settle();
    }
}

void ControlClient::end_input(StreamId id) {
    if (const auto found = streams_.find(id); found != streams_.end()) {
        found->second.input.end();
        send_input(id, found->second.input);
        settle();
    }
}

std::size_t ControlClient::input_backlog(StreamId id) const {
    const auto found = streams_.find(id);
    return found == streams_.end() ? 0 : found->second.input.held();
}

void ControlClient::post(const Frame& frame) {
    queue(frame);
    settle();
}

bool ControlClient::wait(const std::function<bool()>& done, milliseconds limit, int fd,
                         const std::function<void()>& readable, bool resume) {
    const Clock::time_point end =
        limit > std::chrono::hours(24) ? Clock::time_point::max() : Clock::now() + limit;
    while (!done()) {
        const auto left = end == Clock::time_point::max()
                              ? milliseconds(quiet_before_ping)
                              : std::chrono::ceil<milliseconds>(end - Clock::now());
        if (left.count() <= 0)
            return false;
        if (!pump(left, fd, readable) && !resume)
            return done();
    }
    return true;
}

void ControlClient::queue(const Frame& frame) {
    output_ += channel::encode(frame);
    write_some();
}

void ControlClient::settle() {
    // Inside a handler nothing is delivered; the queue may then grow past its limit.
    while (!dispatching_ && output_.size() > output_limit)
        pump(quiet_before_giving_up, -1, {});
}

// Queues only: waiting here could end the stream, and its window with it.
void ControlClient::send_input(StreamId id, channel::InputWindow& window) {
    for (std::string bytes = window.take(chunk); !bytes.empty(); bytes = window.take(chunk))
        queue({FrameType::input, id, std::move(bytes)});
    if (window.take_end())
        queue({FrameType::input_end, id, {}});
}

// One round of waiting; false when a signal interrupted it.
bool ControlClient::pump(milliseconds limit, int fd, const std::function<void()>& readable) {
    std::array<pollfd, 2> watched{
        pollfd{socket_.get(), static_cast<short>(output_.empty() ? POLLIN : POLLIN | POLLOUT), 0},
        pollfd{fd, POLLIN, 0}};
    limit = std::min<milliseconds>(limit, quiet_before_ping);
    const int ready = ::poll(watched.data(), watched.size(), static_cast<int>(limit.count()));
    if (ready < 0)
        return errno != EINTR;
    if (watched[0].revents & POLLOUT)
        write_some();
    if (watched[0].revents & (POLLIN | POLLHUP | POLLERR))
        read_some();
    if (watched[1].revents && readable)
        readable();
    look_after();
    return true;
}

// The daemon itself, not its nodes, is what is pinged: nodes are its own business.
void ControlClient::look_after() {
    const Clock::time_point now = Clock::now();
    if (now - heard_ > quiet_before_giving_up && pinged_ > heard_)
        throw Error(Failure::lab, fmt::format("the lab '{}' no longer answers", lab_),
                    fmt::format("`nflab down {}` ends it in any case", lab_));
    if (now - std::max(heard_, pinged_) >= quiet_before_ping && output_.empty()) {
        pinged_ = now;
        post({FrameType::ping, 0, {}});
    }
}

void ControlClient::ended() const {
    throw Error(Failure::lab, fmt::format("the lab '{}' has ended", lab_));
}

void ControlClient::write_some() {
    while (!output_.empty()) {
        const ssize_t sent = ::send(socket_.get(), output_.data(), output_.size(), MSG_NOSIGNAL);
        if (sent < 0) {
            if (errno == EAGAIN || errno == EINTR)
                return;
            ended();
        }
        output_.erase(0, static_cast<std::size_t>(sent));
    }
}

void ControlClient::read_some() {
    std::array<char, chunk> buffer{};
    const ssize_t size = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (size <= 0)
        ended();
    heard_ = Clock::now();
    decoder_.feed({buffer.data(), static_cast<std::size_t>(size)});
    const bool outer = std::exchange(dispatching_, true);
    try {
        while (const std::optional<Frame> frame = decoder_.next())
            deliver(*frame);
    } catch (...) {
        dispatching_ = outer;
        throw;
    }
    dispatching_ = outer;
}

void ControlClient::deliver(const Frame& frame) {
    if (frame.type == FrameType::info) {
        answer_ = nlohmann::json::parse(frame.payload);
        return;
    }
    const auto found = streams_.find(frame.stream);
    if (found == streams_.end())
        return;
    if (frame.type == FrameType::exit) {
        const Stream stream = std::move(found->second);
        streams_.erase(found);
        bool node_lost = false;
        const channel::ExitStatus status = status_of(frame, node_lost);
        if (stream.on_exit)
            stream.on_exit(status, node_lost);
        if (stream.handler.exit)
            stream.handler.exit(status);
        return;
    }
    if (frame.type == FrameType::window) {
        const nlohmann::json message = nlohmann::json::parse(frame.payload, nullptr, false);
        if (message.is_object())
            found->second.input.acknowledge(message.value("bytes", std::uint32_t{0}));
        send_input(frame.stream, found->second.input);
        return;
    }
    // A copy: the handler may close its own stream.
    const auto take = frame.type == FrameType::output         ? found->second.handler.output
                      : frame.type == FrameType::error_output ? found->second.handler.error_output
                                                              : nullptr;
    if (take)
        take(frame.payload);
}

} // namespace nflab::lab

// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/lab/session.hpp"

#include "guest/channel/frame.hpp"
#include "guest/channel/input_window.hpp"
#include "harness/base/error.hpp"
#include "harness/base/unique_fd.hpp"
#include "harness/lab/registry.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <map>
#include <optional>
#include <utility>

namespace nflab::lab {
namespace fs = std::filesystem;

namespace {

using channel::Frame;
using channel::FrameType;
using Clock = std::chrono::steady_clock;
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

class Session::Impl {
  public:
    explicit Impl(const std::string& lab) : lab_(lab), socket_(connect_to(find(lab))) {
        info_ = ask();
        plan_ = info_.at("plan").get<plan::Plan>();
    }

    // A stream's exit as the lab reports it; node_lost tells a lost node from a request that
    // failed.
    using OnExit = std::function<void(const channel::ExitStatus&, bool node_lost)>;
    struct Stream {
        StreamHandler handler;
        OnExit on_exit;
        channel::InputWindow input{};
    };

    nlohmann::json ask() {
        answer_.reset();
        post({FrameType::info, 0, {}});
        wait([this] { return answer_.has_value(); }, answer_limit, -1, {}, true);
        if (!answer_)
            throw Error(Failure::lab, fmt::format("the lab '{}' does not answer", lab_));
        return *std::exchange(answer_, std::nullopt);
    }

    StreamId open(const std::string& node, const char* type, nlohmann::json request,
                  Stream stream) {
        plan_.require_node(node);
        const StreamId id = next_++;
        streams_[id] = std::move(stream);
        post({FrameType::attach, id,
              nlohmann::json{{"node", node}, {"type", type}, {"request", std::move(request)}}.dump(
                  -1, ' ', false, nlohmann::json::error_handler_t::replace)});
        return id;
    }

    void close(StreamId id) {
        if (streams_.erase(id) != 0)
            post({FrameType::signal, id, nlohmann::json{{"signal", SIGKILL}}.dump()});
    }

    bool is_open(StreamId id) const { return streams_.count(id) != 0; }

    void input(StreamId id, std::string_view bytes) {
        if (const auto found = streams_.find(id); found != streams_.end()) {
            found->second.input.push(bytes);
            send_input(id, found->second.input);
            settle();
        }
    }

    void end_input(StreamId id) {
        if (const auto found = streams_.find(id); found != streams_.end()) {
            found->second.input.end();
            send_input(id, found->second.input);
            settle();
        }
    }

    std::size_t input_backlog(StreamId id) const {
        const auto found = streams_.find(id);
        return found == streams_.end() ? 0 : found->second.input.held();
    }

    void post(const Frame& frame) {
        queue(frame);
        settle();
    }

    bool wait(const std::function<bool()>& done, milliseconds limit, int fd,
              const std::function<void()>& readable, bool resume = false) {
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

    nlohmann::json info_;
    plan::Plan plan_;

  private:
    void queue(const Frame& frame) {
        output_ += channel::encode(frame);
        write_some();
    }

    void settle() {
        // Inside a handler nothing is delivered; the queue may then grow past its limit.
        while (!dispatching_ && output_.size() > output_limit)
            pump(quiet_before_giving_up, -1, {});
    }

    // Queues only: waiting here could end the stream, and its window with it.
    void send_input(StreamId id, channel::InputWindow& window) {
        for (std::string bytes = window.take(chunk); !bytes.empty(); bytes = window.take(chunk))
            queue({FrameType::input, id, std::move(bytes)});
        if (window.take_end())
            queue({FrameType::input_end, id, {}});
    }

    // One round of waiting; false when a signal interrupted it.
    bool pump(milliseconds limit, int fd, const std::function<void()>& readable) {
        std::array<pollfd, 2> watched{
            pollfd{socket_.get(), static_cast<short>(output_.empty() ? POLLIN : POLLIN | POLLOUT),
                   0},
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
    void look_after() {
        const Clock::time_point now = Clock::now();
        if (now - heard_ > quiet_before_giving_up && pinged_ > heard_)
            throw Error(Failure::lab, fmt::format("the lab '{}' no longer answers", lab_),
                        fmt::format("`nflab down {}` ends it in any case", lab_));
        if (now - std::max(heard_, pinged_) >= quiet_before_ping && output_.empty()) {
            pinged_ = now;
            post({FrameType::ping, 0, {}});
        }
    }

    [[noreturn]] void ended() const {
        throw Error(Failure::lab, fmt::format("the lab '{}' has ended", lab_));
    }

    void write_some() {
        while (!output_.empty()) {
            const ssize_t sent =
                ::send(socket_.get(), output_.data(), output_.size(), MSG_NOSIGNAL);
            if (sent < 0) {
                if (errno == EAGAIN || errno == EINTR)
                    return;
                ended();
            }
            output_.erase(0, static_cast<std::size_t>(sent));
        }
    }

    void read_some() {
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

    void deliver(const Frame& frame) {
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
        const auto take = frame.type == FrameType::output ? found->second.handler.output
                          : frame.type == FrameType::error_output
                              ? found->second.handler.error_output
                              : nullptr;
        if (take)
            take(frame.payload);
    }

    std::string lab_;
    UniqueFd socket_;
    channel::Decoder decoder_;
    std::string output_;
    std::map<StreamId, Stream> streams_;
    StreamId next_ = 1;
    std::optional<nlohmann::json> answer_;
    bool dispatching_ = false;
    Clock::time_point heard_ = Clock::now();
    Clock::time_point pinged_ = heard_;
};

Session::Session(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Session Session::connect(const std::string& lab) {
    return Session(std::make_unique<Impl>(lab));
}

const plan::Plan& Session::plan() const {
    return impl_->plan_;
}

LabStatus Session::status() {
    const nlohmann::json info = impl_->ask();
    LabStatus status;
    status.uptime = std::chrono::seconds(std::time(nullptr) - info.value("started", 0L));
    for (const nlohmann::json& node : info.at("nodes")) {
        NodeStatus each;
        each.name = node.value("name", "");
        each.kind =
            node.value("kind", "") == "vm" ? scenario::NodeKind::vm : scenario::NodeKind::netns;
        each.state = node.value("state", "");
        each.detail = node.value("detail", "");
        each.kernel = node.value("kernel", "");
        each.memory_kib = node.value("memory_kib", std::uint64_t{0});
        each.problems = node.value("problems", std::vector<std::string>());
        each.console = node.value("console", "");
        status.nodes.push_back(std::move(each));
    }
    return status;
}

RunResult Session::run(const std::string& node, const channel::RunRequest& request,
                       const std::string& input) {
    RunResult result;
    std::optional<bool> lost;
    channel::RunRequest with_input = request;
    with_input.input = request.input || !input.empty();
    Impl::Stream stream;
    stream.handler.output = [&](std::string_view bytes) { result.out += bytes; };
    stream.handler.error_output = [&](std::string_view bytes) { result.err += bytes; };
    stream.on_exit = [&](const channel::ExitStatus& status, bool node_lost) {
        result.status = status;
        lost = node_lost;
    };
    const StreamId id = impl_->open(node, "run", with_input, std::move(stream));
    // The stream's handlers refer to this call's locals.
    struct Closer {
        Impl& impl;
        StreamId id;
        ~Closer() {
            try {
                impl.close(id);
            } catch (const Error&) { // the lab has ended, and the stream with it
            }
        }
    } closer{*impl_, id};
    if (with_input.input) {
        impl_->input(id, input);
        impl_->end_input(id);
    }
    impl_->wait([&] { return lost.has_value(); }, milliseconds::max(), -1, {}, true);
    if (*lost)
        throw Error(Failure::lab, result.status.error);
    return result;
}

StreamId Session::start(const std::string& node, const channel::RunRequest& request,
                        StreamHandler handler) {
    return impl_->open(node, "run", request, {std::move(handler), {}});
}

void Session::close(StreamId stream) {
    impl_->close(stream);
}

void Session::send_input(StreamId stream, std::string_view bytes) {
    impl_->input(stream, bytes);
}

void Session::end_input(StreamId stream) {
    impl_->end_input(stream);
}

std::size_t Session::input_backlog(StreamId stream) const {
    return impl_->input_backlog(stream);
}

void Session::send_signal(StreamId stream, int signal) {
    if (impl_->is_open(stream))
        impl_->post({FrameType::signal, stream, nlohmann::json{{"signal", signal}}.dump()});
}

void Session::resize(StreamId stream, int rows, int columns) {
    if (impl_->is_open(stream))
        impl_->post({FrameType::resize, stream,
                     nlohmann::json{{"rows", rows}, {"columns", columns}}.dump()});
}

void Session::put_file(const std::string& node, const fs::path& local, const std::string& remote,
                       unsigned mode) {
    std::ifstream in(local, std::ios::binary);
    if (!in || fs::is_directory(local))
        throw Error(Failure::lab, fmt::format("{} is not a file that can be read", local.string()));
    std::optional<channel::ExitStatus> end;
    Impl::Stream stream;
    stream.on_exit = [&](const channel::ExitStatus& status, bool lost) {
        end = status;
        if (!lost && !status.ok()) // a lost node's message names it already
            end->error = fmt::format("node {}: {}", node, status.error);
    };
    const StreamId id =
        impl_->open(node, "put", {{"path", remote}, {"mode", mode}}, std::move(stream));
    std::string buffer(chunk, '\0');
    while (!end && in) {
        in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
        impl_->input(id, std::string_view(buffer).substr(0, static_cast<std::size_t>(in.gcount())));
        impl_->wait([&] { return end || impl_->input_backlog(id) == 0; }, milliseconds::max(), -1,
                    {}, true);
    }
    end_input(id);
    impl_->wait([&] { return end.has_value(); }, milliseconds::max(), -1, {}, true);
    if (!end->ok())
        throw Error(Failure::lab, end->error);
}

void Session::get_file(const std::string& node, const std::string& remote, const fs::path& local) {
    const fs::path partial = local.string() + ".nflab-part";
    std::ofstream out(partial, std::ios::binary | std::ios::trunc);
    if (!out)
        throw Error(Failure::lab, fmt::format("{} cannot be written", local.string()));
    std::optional<channel::ExitStatus> end;
    Impl::Stream stream;
    stream.handler.output = [&](std::string_view bytes) { out << bytes; };
    stream.on_exit = [&](const channel::ExitStatus& status, bool lost) {
        end = status;
        if (!lost && !status.ok()) // a lost node's message names it already
            end->error = fmt::format("node {}: {}", node, status.error);
    };
    std::error_code ignored;
    try {
        impl_->open(node, "get", {{"path", remote}}, std::move(stream));
        impl_->wait([&] { return end.has_value(); }, milliseconds::max(), -1, {}, true);
        if (!end->ok())
            throw Error(Failure::lab, end->error);
        out.close();
        if (!out)
            throw Error(Failure::lab, fmt::format("{} cannot be written", local.string()));
        fs::rename(partial, local);
    } catch (...) {
        fs::remove(partial, ignored);
        throw;
    }
}

bool Session::wait(const std::function<bool()>& done, milliseconds limit, int fd,
                   const std::function<void()>& readable) {
    return impl_->wait(done, limit, fd, readable);
}

} // namespace nflab::lab

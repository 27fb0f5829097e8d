// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/channel/frame.hpp"
#include "guest/channel/input_window.hpp"
#include "harness/base/unique_fd.hpp"
#include "harness/lab/session.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace nflab::lab {

/// The client's end of a lab's control socket (docs/formats/control.md): many streams on many nodes
/// over one connection, which everything in Session goes through. Not thread-safe.
class ControlClient {
  public:
    /// A stream's exit as the lab reports it; node_lost tells a lost node from a request that
    /// failed.
    using OnExit = std::function<void(const channel::ExitStatus&, bool node_lost)>;
    struct Stream {
        StreamHandler handler;
        OnExit on_exit;
        channel::InputWindow input{};
    };

    /// Connects and asks for the plan. Throws Error(lab) when there is no such lab.
    explicit ControlClient(const std::string& lab);

    const plan::Plan& plan() const { return plan_; }
    /// What the lab says about itself now.
    nlohmann::json ask();

    StreamId open(const std::string& node, const char* type, nlohmann::json request, Stream stream);
    void close(StreamId id);
    bool is_open(StreamId id) const { return streams_.count(id) != 0; }
    void input(StreamId id, std::string_view bytes);
    void end_input(StreamId id);
    std::size_t input_backlog(StreamId id) const;
    void post(const channel::Frame& frame);

    /// As Session::wait; with `resume`, also after a signal handler ran.
    bool wait(const std::function<bool()>& done, std::chrono::milliseconds limit, int fd,
              const std::function<void()>& readable, bool resume = false);

  private:
    using Clock = std::chrono::steady_clock;

    void queue(const channel::Frame& frame);
    void settle();
    void send_input(StreamId id, channel::InputWindow& window);
    bool pump(std::chrono::milliseconds limit, int fd, const std::function<void()>& readable);
    void look_after();
    [[noreturn]] void ended() const;
    void write_some();
    void read_some();
    void deliver(const channel::Frame& frame);

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
    plan::Plan plan_;
};

} // namespace nflab::lab

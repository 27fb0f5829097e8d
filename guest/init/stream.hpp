// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/channel/message.hpp"
#include "guest/init/connection.hpp"

#include <poll.h>
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace nflab::agent {

using Clock = std::chrono::steady_clock;

/// One request that the agent is working on. Destroying it before it finished gives it up: its
/// processes are killed, its temporary file is removed.
class Stream {
  public:
    Stream(Connection& connection, std::uint32_t id) : connection_(connection), id_(id) {}
    virtual ~Stream() = default;
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    virtual void input(std::string_view bytes) { took_input(bytes.size()); }
    virtual void input_end() {}
    virtual void signal(int number) = 0;
    virtual void resize(const channel::ResizeRequest&) {}

    /// What the loop shall wait for before it calls work() again.
    virtual void watch(std::vector<pollfd>& polls) const = 0;
    virtual std::optional<Clock::time_point> deadline() const { return std::nullopt; }
    /// Does what can be done without waiting.
    virtual void work() = 0;
    /// The wait status of `pid`, which may be somebody else's child.
    virtual void child_ended(pid_t, int /*status*/) {}
    /// Input that has arrived and could not be passed on yet.
    virtual std::size_t backlog() const { return 0; }

    /// Ends it with an error, whatever it is doing.
    void give_up(std::string error) { fail(std::move(error)); }

    const std::optional<channel::ExitStatus>& finished() const { return finished_; }

  protected:
    void finish(channel::ExitStatus status) { finished_ = std::move(status); }
    void fail(std::string error) {
        channel::ExitStatus status;
        status.error = std::move(error);
        finish(std::move(status));
    }
    bool may_send() const { return connection_.may_send_data(); }
    void send(channel::FrameType type, std::string_view bytes) {
        connection_.send(type, id_, bytes);
    }

    /// Input was passed on, or will never be: its sender may send as much again.
    void took_input(std::size_t bytes);

  private:
    Connection& connection_;
    std::uint32_t id_;
    std::size_t taken_ = 0; ///< of input, and not told yet
    std::optional<channel::ExitStatus> finished_;
};

} // namespace nflab::agent

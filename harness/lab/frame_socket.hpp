// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/channel/frame.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <array>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <string>

namespace nflab::lab {

/// Frames over a connected stream socket, on one io_context thread. Held by shared_ptr: pending
/// operations keep it alive; after close() no handler is called any more.
class FrameSocket : public std::enable_shared_from_this<FrameSocket> {
  public:
    using Socket = boost::asio::local::stream_protocol::socket;
    using Clock = std::chrono::steady_clock;

    /// Queued output above which the producer should be paused, in bytes.
    static constexpr std::size_t high_water = 8U << 20;

    explicit FrameSocket(Socket socket) : socket_(std::move(socket)) {}

    struct Handlers {
        std::function<void(channel::Frame)> frame;
        /// Once, with the reason; not called by close().
        std::function<void(const std::string&)> lost;
        /// The output queue has run empty after it was above high_water; may be empty.
        std::function<void()> drained;
    };

    void start(Handlers handlers);
    void send(const channel::Frame& frame);
    void close();

    /// No frame is delivered between pause() and resume(); both count.
    void pause();
    void resume();
    bool paused() const { return pauses_ > 0; }

    std::size_t queued() const { return queued_; }
    Clock::time_point last_heard() const { return last_heard_; }

  private:
    void read();
    void deliver();
    void write();
    void fail(const std::string& reason);

    Socket socket_;
    Handlers handlers_;
    channel::Decoder decoder_;
    std::array<char, 65536> buffer_{};
    std::deque<std::string> output_;
    std::size_t queued_ = 0;
    bool above_high_water_ = false;
    bool reading_ = false;
    bool closed_ = false;
    int pauses_ = 0;
    Clock::time_point last_heard_ = Clock::now();
};

} // namespace nflab::lab

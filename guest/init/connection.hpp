// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/channel/frame.hpp"

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace nflab::agent {

/// Frames over a non-blocking descriptor, which it does not own. Sending only queues; the queue is
/// bounded by its users, who ask may_send_data() before they make more output.
class Connection {
  public:
    /// While more than this is queued, nobody reads what children write.
    static constexpr std::size_t queue_limit = 1U << 20;

    explicit Connection(int fd) : fd_(fd) {}

    void send(channel::FrameType type, std::uint32_t stream, std::string_view payload);
    bool may_send_data() const { return queued_ < queue_limit; }
    bool wants_write() const { return queued_ > 0; }

    /// Writes what the descriptor takes. False: the peer is gone.
    bool flush();
    /// Reads what has arrived, up to a bound. False: the peer is gone.
    bool receive();
    /// Throws std::runtime_error when the peer does not speak the protocol.
    std::optional<channel::Frame> next() { return decoder_.next(); }

  private:
    int fd_;
    std::deque<std::string> queue_;
    std::size_t written_ = 0; ///< of queue_.front()
    std::size_t queued_ = 0;  ///< bytes in the whole queue
    channel::Decoder decoder_;
};

} // namespace nflab::agent

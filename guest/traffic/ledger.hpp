// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/traffic/event.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace nflab::traffic {

using Clock = std::chrono::steady_clock;

/// What became of each packet. Writes its lines to standard output, each at once; of several ends
/// of one packet only the first counts.
class Ledger {
  public:
    explicit Ledger(const SendOptions& options) : timeout_(options.timeout) {
        packets_.reserve(options.count);
    }

    /// Packets are numbered in the order of these calls. `started` is when it left.
    void sent(Identity identity, Clock::time_point started);
    bool is_pending(std::uint32_t number) const;
    void replied(std::uint32_t number);
    void failed(std::uint32_t number, const Reason& reason);
    /// The packets whose time is over by now.
    std::vector<std::uint32_t> expire();
    std::optional<Clock::time_point> next_deadline() const;
    bool settled() const { return oldest_ == packets_.size(); }
    std::optional<std::uint32_t> oldest_pending() const;
    void done() const;

  private:
    struct Packet {
        Identity identity;
        Clock::time_point started;
        bool pending = true;
    };

    void settle(std::uint32_t number);

    std::chrono::nanoseconds timeout_;
    std::vector<Packet> packets_; ///< by number
    std::size_t oldest_ = 0;      ///< none before it is pending
    unsigned replies_ = 0;
    unsigned timeouts_ = 0;
    unsigned failed_ = 0;
};

} // namespace nflab::traffic

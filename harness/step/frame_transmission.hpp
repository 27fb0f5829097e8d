// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/packet/layer.hpp"
#include "harness/step/node_program.hpp"
#include "harness/step/transmission.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace nflab::step {

/// Frames to send one after the other.
struct FrameOrder {
    struct Frame {
        std::chrono::microseconds after{}; ///< the one before it left
        packet::Bytes bytes;
        std::size_t packet = 0; ///< which of `packets` it is, or a piece of
    };
    std::string node;
    std::string interface;
    std::vector<Frame> frames;
    std::vector<verdict::SentPacket> packets;
    std::vector<std::string> held;       ///< ports as nftraffic's --hold takes them
    std::chrono::milliseconds timeout{}; ///< for each answer; 0: nobody waits for any
    bool quiet = false;                  ///< only how many were sent, and how long it took
};

/// Sends them by nftraffic in the node, and looks for what answers them.
class FrameTransmission : public Transmission {
  public:
    FrameTransmission(lab::Session& session, FrameOrder order);

    bool begun() const override { return begun_ || program_.ended(); }
    bool ended() const override { return over_ || program_.ended(); }
    std::vector<verdict::SentPacket> finish() override;

  protected:
    std::uint64_t frames_sent() const { return frames_sent_; }
    double seconds() const { return seconds_; } ///< from the first frame to behind the last

  private:
    void read(std::string_view line);
    void take(std::string_view frame, std::int64_t time_ns);
    bool all_answered() const;

    FrameOrder order_;
    std::vector<std::int64_t> sent_ns_; ///< by packet; 0: not yet
    std::chrono::milliseconds limit_;
    bool begun_ = false;
    bool over_ = false;      ///< all is sent
    bool heard_out_ = false; ///< nobody listens for answers any more
    std::uint64_t frames_sent_ = 0;
    double seconds_ = 0;
    NodeProgram program_; ///< last: its lines are taken by all of these
};

} // namespace nflab::step

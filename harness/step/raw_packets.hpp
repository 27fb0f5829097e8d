// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/traffic.hpp"
#include "harness/step/link_route.hpp"
#include "harness/verdict/path.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// Raw packets as they go on the wire. Pure.
namespace nflab::step {

/// What the packets of one `send:` entry share.
struct RawContext {
    std::string node;        ///< that sends
    std::string destination; ///< address that it is sent to
    LinkRoute link;
    std::uint32_t run = 0; ///< random: of our marks, and what chosen numbers begin with
};

struct RawFrames {
    std::vector<packet::Bytes> frames; ///< of one packet: several when it is cut into fragments
    verdict::SentPacket sent;
};

/// The frames of packet `number`, from 0, of an entry: fields that nobody has chosen and that tell
/// packets apart differ from one to the next.
RawFrames raw_frames(const scenario::RawPacket& raw, int size, std::uint32_t number,
                     const RawContext& context);

/// A SYN as `tcp` with `half_open` wants it, or a packet of a flood.
scenario::RawPacket plain_packet(scenario::Protocol protocol, const scenario::Send& order);

/// What is sent when these bytes are, from the Ethernet header on.
verdict::SentPacket sent_frame(const std::string& node, const packet::Bytes& frame);

} // namespace nflab::step

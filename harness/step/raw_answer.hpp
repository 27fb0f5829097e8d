// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/verdict/path.hpp"

#include <optional>
#include <string>

/// What a packet that comes back says about one that was sent. Pure.
namespace nflab::step {

struct RawAnswer {
    bool reply = false;  ///< else there will be none
    std::string refusal; ///< why not, and who says so
};

/// A reply is a packet of the same protocol with the end points exchanged, in ICMP the echo's, in
/// ARP the answer for the target; a TCP reset and an ICMP error that quotes the packet are
/// refusals; anything else is no answer.
std::optional<RawAnswer> answer_to(const verdict::SentPacket& sent, const verdict::Packet& came);

} // namespace nflab::step

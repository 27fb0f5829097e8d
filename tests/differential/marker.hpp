// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "tests/differential/packet.hpp"

#include <cstdint>
#include <optional>

/// A frame that goes back and forth between the ends, behind the packets of the test, and tells
/// when all of them and all answers to them have arrived: links and queues keep their order, so a
/// marker that has crossed the router n times has all answers of n crossings before it. No time is
/// measured, so a busy machine changes nothing. The router's own program turns it from one device
/// to the other (guest/reflect.hpp), whatever the hooks behind it say; egress hooks accept it.
namespace nflab::witness {

/// IEEE 802 local experimental ethertype 1 (ETH_P_802_EX1): nothing else speaks it.
inline constexpr std::uint16_t marker_ethertype = 0x88b5;

/// More than a packet with all its answers needs; even, so that it ends where it began.
inline constexpr std::uint8_t marker_crossings = 8;

struct Marker {
    std::uint32_t number = 0;
    std::uint8_t crossings = 0; ///< of the router, before this one
};

Bytes to_frame(const Marker& marker, const Mac& destination, const Mac& source);
/// Empty when the frame is none.
std::optional<Marker> marker_in(const std::uint8_t* frame, std::size_t size);

} // namespace nflab::witness

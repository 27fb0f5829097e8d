// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/pcap/file.hpp"
#include "harness/verdict/record.hpp"

#include <span>

namespace nflab::pcap {

/// The headers of a captured packet, as far as its bytes reach; of a frame with VLAN tags, those
/// behind them. Knows Ethernet, the cooked headers of tcpdump's `any`, and bare IP; of other kinds
/// of link everything keeps its default. Pure.
verdict::Packet decode(const Packet& packet, int link_type);

/// The same of an Ethernet frame.
verdict::Packet decode_frame(std::span<const std::uint8_t> frame);

} // namespace nflab::pcap

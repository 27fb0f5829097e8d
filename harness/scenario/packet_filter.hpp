// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/reading.hpp"

namespace nflab::scenario {

/// Parses "icmp", "tcp dport 80", "udp sport 53 from server to 10.0.0.1": an optional protocol,
/// then any of sport, dport, from and to, each once. Reports what is wrong and gives what is left.
PacketFilter read_packet_filter(Reading& reading, const Text& text);

} // namespace nflab::scenario

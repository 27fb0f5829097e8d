// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>

namespace nflab::step {

/// What a flood, a measurement or a replay came to, as a whole.
struct TrafficOutcome {
    std::string kind; ///< flood, iperf3, pcap
    std::string from;
    std::string to;
    std::uint64_t sent = 0;        ///< packets (flood, pcap) or bytes (iperf3) that really left
    double seconds = 0;            ///< from the first to the last
    double bits_per_second = 0;    ///< iperf3: as the receiver says
    std::uint64_t retransmits = 0; ///< iperf3 over TCP
    std::string text;              ///< all that in one line for people
    std::string json;              ///< iperf3: its own report
};

} // namespace nflab::step

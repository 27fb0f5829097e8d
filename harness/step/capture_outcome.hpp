// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>

namespace nflab::step {

/// What a `capture` of a step has seen.
struct CaptureOutcome {
    std::string name;
    std::string node;
    std::string interface; ///< "any": all of them, with a cooked link-layer header
    std::string filter;    ///< as given to tcpdump; empty: everything
    /// The bytes of a pcap file as tcpdump writes it (microseconds of the node's CLOCK_REALTIME);
    /// harness/pcap/file.hpp reads them.
    std::string pcap;
    std::uint64_t packets = 0; ///< in `pcap`
    std::uint64_t dropped = 0; ///< that the node's kernel could not hand over to tcpdump
};

} // namespace nflab::step

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

/// Captures as data: pcap and pcapng files, read and filtered by libpcap. No I/O.
namespace nflab::pcap {

inline constexpr int ethernet = 1; ///< DLT_EN10MB of pcap-linktype(7)

struct Packet {
    std::chrono::nanoseconds time{}; ///< since 1970
    std::uint32_t length = 0;        ///< on the wire; `bytes` may be fewer
    std::vector<std::uint8_t> bytes; ///< from the link-layer header on
};

struct File {
    int link_type = ethernet; ///< DLT_* of pcap-linktype(7)
    std::vector<Packet> packets;
};

/// Reads the bytes of a pcap or pcapng file as far as they go: one whose end is missing gives the
/// packets before it. Throws std::invalid_argument with libpcap's complaint when it is neither.
File read(const std::string& bytes);

} // namespace nflab::pcap

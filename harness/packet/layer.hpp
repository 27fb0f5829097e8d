// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// Packets as headers with fields, any of which may have a value that no stack would send. Pure.
namespace nflab::packet {

using Bytes = std::vector<std::uint8_t>;

enum class Header { ethernet, arp, ipv4, ipv6, icmp, icmpv6, tcp, udp, sctp };

/// One header: what stands here is as it says, whatever it is; the rest is filled in.
struct Layer {
    Header header = Header::ipv4;
    std::map<std::string, std::uint32_t> numbers; ///< by field (harness/packet/fields.hpp)
    /// Addresses in network order by field, and "options": of IPv4 and TCP, padded to 4 bytes.
    std::map<std::string, Bytes> bytes;
    bool bad_checksum = false; ///< one that is wrong, whatever the right one is
};

/// One fragment: which bytes of what follows the IP header, and what its header says.
struct Piece {
    unsigned from = 0;          ///< first byte
    unsigned size = 0;          ///< 0: up to the end
    std::optional<unsigned> at; ///< offset that the header says, in bytes; without it `from`
    std::optional<bool> more;   ///< without it: not at the end
};

} // namespace nflab::packet

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/bpf/event.h"

#include <memory>
#include <string>

/// Filters of pcap-filter(7) over the headers that an event carries. No I/O but /etc/services, for
/// the names of ports.
namespace nflab::nfverdict {

/// Compiled twice: for packets that begin with their IP header, and for the frames of bridge, arp
/// and netdev hooks, of which addresses and protocol are known. A packet is held against it as it
/// is at that hook, so before the address translation that a rule there asks for.
class PacketFilter {
  public:
    /// Empty: every packet. Throws Error(bad_input) with libpcap's complaint.
    explicit PacketFilter(const std::string& expression);
    ~PacketFilter();
    PacketFilter(PacketFilter&&) noexcept;
    PacketFilter& operator=(PacketFilter&&) noexcept;

    /// Bytes that the event does not hold count as missing: what asks for them does not match.
    bool matches(const nfv_event& event) const;

  private:
    struct Programs;
    std::unique_ptr<Programs> programs_; ///< nullptr: every packet
};

} // namespace nflab::nfverdict

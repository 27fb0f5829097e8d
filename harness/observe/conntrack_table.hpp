// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The connection tracking table as /proc/net/nf_conntrack and `conntrack -L -o extended` print it
/// (net/netfilter/nf_conntrack_standalone.c, ct_seq_show).
namespace nflab::observe {

struct ConntrackTuple {
    std::string source; ///< shortest form
    std::string destination;
    std::optional<int> source_port;
    std::optional<int> destination_port;
};

struct ConntrackLine {
    std::string protocol;                 ///< tcp, udp, icmp, …
    std::optional<std::uint64_t> timeout; ///< seconds; offloaded entries have none
    std::string state;                    ///< of protocols that have one
    ConntrackTuple original;
    ConntrackTuple reply;
    std::vector<std::string> status; ///< assured, unreplied, replied, offload, hw_offload
    std::uint64_t mark = 0;
    std::uint64_t zone = 0;
    std::string text; ///< as printed
};

/// Nothing for a line that is no entry.
std::optional<ConntrackLine> read_conntrack_line(std::string_view line);

} // namespace nflab::observe

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/packet/layer.hpp"
#include "harness/pcap/file.hpp"
#include "harness/scenario/position.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What a scenario sends.
namespace nflab::scenario {

enum class Protocol { icmp, tcp, udp, sctp, arp };

/// How a TCP connection begins and ends.
struct Connection {
    enum class Close {
        fin,
        rst,
        none, ///< both ends keep it until the step is over
    };
    bool half_open = false; ///< a SYN and nothing after it
    Close close = Close::fin;
};

/// A packet header by header, sent from the node's link layer on.
struct RawPacket {
    std::vector<packet::Layer> layers;     ///< from the outermost on; no Ethernet: filled in
    std::optional<packet::Bytes> payload;  ///< without it, our mark and `Send::size` bytes
    std::optional<packet::Bytes> whole;    ///< from the IP header on, instead of all these
    std::optional<unsigned> fragment_size; ///< bytes behind the IP header in each fragment
    std::vector<packet::Piece> pieces;     ///< instead of fragment_size
    std::string interface;                 ///< that it leaves by; empty: that of the route
};

/// As fast as `rate` says; nobody waits for answers.
struct Flood {
    int rate = 0; ///< packets a second
};

/// A measurement by iperf3, which has a server at the other end.
struct Iperf3 {
    std::chrono::milliseconds duration{1'000};
    std::string bitrate;  ///< as iperf3's --bitrate takes it; empty: its default
    bool reverse = false; ///< the server sends
};

/// Frames of a capture, with the times between them.
struct Replay {
    std::string file;
    pcap::File frames;     ///< Ethernet
    std::string interface; ///< that they leave by; empty: the node's first
    std::string via; ///< node or address whose MAC address they get as destination, and that of
                     ///< the interface as source; empty: as captured
};

/// `count` packets (ping, udp, sctp, raw, flood), connections (tcp), or runs (iperf3, replay) from
/// one node to another node or address. At most one of raw, flood, iperf3 and replay is there.
struct Send {
    Protocol protocol = Protocol::icmp;
    std::string from;
    std::string to; ///< node name or literal address; empty for a replay and where raw says it
    std::optional<std::uint16_t> port;
    std::optional<std::uint16_t> source_port;
    int count = 1;
    int size = 56;                   ///< payload bytes
    std::optional<std::string> data; ///< payload (tcp, udp) instead of ours of `size` bytes
    std::chrono::milliseconds interval{100};
    std::chrono::milliseconds timeout{1'000}; ///< for each reply
    /// Node that answers tcp and udp: as written, else the node that `to` names or whose address it
    /// is, else nobody.
    std::optional<std::string> listen;
    bool ipv6 =
        false; ///< use the node's IPv6 address; true for an IPv6 literal and when it has no other
    Connection connection; ///< tcp
    std::optional<RawPacket> raw;
    std::optional<Flood> flood;
    std::optional<Iperf3> iperf3;
    std::optional<Replay> replay;
    Position where;
};

} // namespace nflab::scenario

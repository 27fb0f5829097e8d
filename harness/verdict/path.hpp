// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/verdict/record.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// Joins verdict records into packet paths. Pure.
namespace nflab::verdict {

/// What the sender says about one packet (ping, udp) or one connection (tcp).
struct SentPacket {
    enum class Result { pending, replied, timeout, failed };
    std::string node;
    std::string protocol; ///< icmp, tcp, udp
    int family = 2;       ///< AF_INET or AF_INET6
    std::string source;
    std::string destination;
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    std::uint16_t icmp_id = 0;
    std::uint16_t icmp_sequence = 0;
    Result result = Result::pending;
    std::int64_t rtt_us = 0; ///< when replied
    std::string detail;      ///< when failed: what the sender's kernel said
};

/// One packet on its way through the nodes that are traced.
struct PacketPath {
    /// Index into the sent packets; empty for a packet that nobody of the step sent (neighbour
    /// discovery, a reject's answer, …).
    std::optional<std::size_t> sent;
    bool reply = false;          ///< travels towards the sender
    std::vector<Record> records; ///< in the order in which the packet met them

    /// The record that ended the packet here, if one did.
    const Record* end() const;
};

/// True for drop, reject, stolen and queue: the packet did not go on by itself.
bool ends_packet(const Record& record);

/// How many hops a node is from another; smaller is nearer. Orders the nodes of one path.
using HopDistance = std::function<int(const std::string& from, const std::string& to)>;

/// Records may come in any order; those of one node are put in order of their time. A packet is
/// followed through address translation by its conntrack entry and its sk_buff.
std::vector<PacketPath> assemble(const std::vector<SentPacket>& sent, std::vector<Record> records,
                                 const HopDistance& distance);

/// "icmp echo 192.0.2.1 -> 198.51.100.2", "tcp 192.0.2.1:40000 -> 198.51.100.2:80 [S]", …
std::string describe(const Packet& packet);

/// True for neighbour discovery, router solicitation and multicast listener reports, which every
/// IPv6 node sends unasked.
bool is_neighbour_noise(const Packet& packet);

} // namespace nflab::verdict

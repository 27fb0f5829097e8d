// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/verdict/packet.hpp"
#include "harness/verdict/record.hpp"
#include "harness/verdict/visit.hpp"

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
    std::string protocol; ///< icmp, tcp, udp, sctp, arp, or a number
    int family = 2;       ///< AF_INET or AF_INET6
    std::string source;
    std::string destination;
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    std::uint16_t icmp_id = 0;
    std::uint16_t icmp_sequence = 0;
    /// Of a packet that was sent as it is written, and may be one of a kind: all of its headers.
    std::optional<Packet> header;
    std::optional<Stamp> stamp; ///< at the beginning of its payload
    Result result = Result::pending;
    std::int64_t rtt_us = 0; ///< when replied
    std::string detail;      ///< when failed: what the sender's kernel said
};

/// Why there is a packet that nobody sent: another packet's record.
struct Cause {
    enum class Kind {
        answer, ///< a reject's, or an ICMP error about a packet that was dropped
        copy,   ///< dup, TEE
    };
    Kind kind = Kind::answer;
    std::size_t path = 0;   ///< index into the paths
    std::size_t record = 0; ///< index into that path's records
};

/// One packet on its way through the nodes that are traced.
struct PacketPath {
    /// Index into the sent packets; empty for a packet that nobody of the step sent (neighbour
    /// discovery, …).
    std::optional<std::size_t> sent;
    bool reply = false;          ///< travels towards the sender
    std::vector<Record> records; ///< in the order in which the packet met them; never empty
    /// How many sk_buffs stood for it where it was in most pieces: fragments, or segments that GRO
    /// joined or GSO split.
    std::size_t pieces = 1;
    std::optional<Cause> cause;
    std::vector<std::string> doubts; ///< what could not be told apart, in words

    /// The record that ended the packet here, if one did. A packet that user space gave back, or
    /// that a rule took and sent on, has not ended.
    const Record* end() const;
};

/// How many hops a node is from another; smaller is nearer. Orders the nodes of one path.
using HopDistance = std::function<int(const std::string& from, const std::string& to)>;

/// Records may come in any order; those of one node are put in order of their time. A packet is
/// followed by its sk_buff inside a namespace, and by what NAT and forwarding leave alone from one
/// namespace or node to the next; address translation is read from conntrack entries where there
/// are any.
std::vector<PacketPath> assemble(const std::vector<SentPacket>& sent, std::vector<Record> records,
                                 const HopDistance& distance);

} // namespace nflab::verdict

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/verdict/path.hpp"

#include <string>
#include <vector>

/// Packet paths in words. Pure; at most 100 columns where the rules' own text allows.
namespace nflab::verdict {

/// "dropped at router, hook forward", "answered after 0.8 ms", "no answer, and no traced node
/// dropped it", …
std::string outcome(const PacketPath& path, const std::vector<SentPacket>& sent);

struct PathLine {
    std::string text;
    bool decides = false; ///< the record that ended the packet: marked, and coloured
};

/// One header line ("#1 icmp echo … dropped at router, hook forward") and one line per record.
std::vector<PathLine> draw(const PacketPath& path, const std::vector<SentPacket>& sent,
                           std::size_t number);

/// One sentence: what decided and what would change it. Empty when nothing ended the packet.
std::string explain(const PacketPath& path);

/// The rule of a record in one phrase: "policy DROP", "#2 accept", "handle 7 drop".
std::string decision(const Record& record);

/// "iptables filter FORWARD", "nft ip nat postrouting".
std::string place(const Record& record);

} // namespace nflab::verdict

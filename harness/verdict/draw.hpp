// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/verdict/path.hpp"

#include <string>
#include <vector>

/// Packet paths as lines of a page, at most 100 columns wide. Pure.
namespace nflab::verdict {

constexpr std::size_t page_columns = 100;

/// "dropped at router, hook forward", "answered after 0.8 ms", "no answer, and no traced node
/// dropped it", …
std::string outcome(const PacketPath& path, const std::vector<SentPacket>& sent);

/// The packet in words: of one in pieces, the whole and how many ("udp … in 3 fragments").
std::string describe(const PacketPath& path);

/// What an accepting rule makes of the packet's addresses: "source becomes 192.0.2.1"; empty for
/// one that does not translate.
std::string translation(const Record& record);

struct PathLine {
    std::string text;
    bool decides = false; ///< the record that ended the packet: marked, and coloured
};

/// A header line ("#1 icmp echo … dropped at router, hook forward"), what caused the packet, what
/// is not certain, and one line per record. Pieces of a packet that met the same share their lines.
std::vector<PathLine> draw(const std::vector<PacketPath>& paths, std::size_t index,
                           const std::vector<SentPacket>& sent);

/// Breaks a sentence at blanks so that no line is wider than the page, if its words allow. Lines
/// begin with `indent`; no line's end behind the last.
std::string wrap(const std::string& sentence, const std::string& indent);

} // namespace nflab::verdict

// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/differential/evidence.hpp"

#include <fmt/format.h>

#include <sstream>

namespace nflab::witness {
namespace {

constexpr std::size_t ethernet_header = 14;
constexpr std::uint8_t fragment_header = 44;

unsigned get16(const Bytes& bytes, std::size_t at) {
    return static_cast<unsigned>(bytes[at] << 8 | bytes[at + 1]);
}

// Where a packet's payload lies in its datagram.
struct Piece {
    std::size_t header = 0; ///< all headers of IP
    unsigned length = 0;    ///< of the payload
    std::uint8_t protocol = 0;
    unsigned offset = 0;
    unsigned identification = 0;
    bool fragment = false;
};

Piece piece_of(const Bytes& ip) {
    Piece out;
    if (ip[0] >> 4 == 4) {
        out = {20,           get16(ip, 2) - 20,
               ip[9],        (get16(ip, 6) & 0x1fffU) * 8,
               get16(ip, 4), (get16(ip, 6) & 0x3fffU) != 0};
    } else {
        out = {40, get16(ip, 4), ip[6], 0, 0, false};
        if (out.protocol == fragment_header && ip.size() >= 48)
            out = {48,
                   out.length - 8,
                   ip[40],
                   get16(ip, 42) & 0xfff8U,
                   get16(ip, 44) << 16 | get16(ip, 46),
                   true};
    }
    return out;
}

} // namespace

void CaptureReader::take(const std::string& line) {
    std::istringstream words(line);
    std::string mark, hex;
    std::size_t size = 0;
    if (!(words >> mark >> size >> hex) || mark != "c" || hex.size() < 2 * ethernet_header)
        return;
    const Bytes ip = from_hex(hex.substr(2 * ethernet_header));
    const Seen seen = seen_in(ip);
    if ((seen.family != 4 && seen.family != 6) || Names::noise(seen))
        return;
    if (const int shot = names_.shot(seen); shot >= 0)
        evidence_.captured[shot].push_back(seen);
    count(ip);
}

void CaptureReader::count(const Bytes& ip) {
    const Piece piece = piece_of(ip);
    const Seen seen = seen_in(ip);
    int shot = -1;
    const std::string datagram = fmt::format("{} {} {} {}", seen.source, seen.destination,
                                             piece.protocol, piece.identification);
    if (piece.offset == 0) {
        // The mark in the payload outlives address translation and a new identification.
        const auto tag = read_tag(ip, piece.header, piece.protocol);
        shot = tag && tag->step == 0 && !is_echo_reply(seen) ? names_.shot_of_uid(tag->uid) : -1;
        if (piece.fragment)
            datagrams_[datagram] = shot;
    } else if (const auto first = datagrams_.find(datagram); first != datagrams_.end()) {
        shot = first->second;
    }
    if (shot >= 0)
        evidence_.arrived[shot] += piece.length;
}

} // namespace nflab::witness

// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/differential/marker.hpp"

#include <algorithm>

namespace nflab::witness {
namespace {

constexpr std::size_t marker_size = 60; // the shortest frame
// Behind a zero: what looks at the first bytes for an IP version finds none.
constexpr std::size_t content = 15;

} // namespace

Bytes to_frame(const Marker& marker, const Mac& destination, const Mac& source) {
    Bytes out(marker_size);
    std::copy(destination.begin(), destination.end(), out.begin());
    std::copy(source.begin(), source.end(), out.begin() + 6);
    out[12] = marker_ethertype >> 8;
    out[13] = marker_ethertype & 0xff;
    for (unsigned i = 0; i < 4; ++i)
        out[content + i] = static_cast<std::uint8_t>(marker.number >> (8 * i));
    out[content + 4] = marker.crossings;
    return out;
}

std::optional<Marker> marker_in(const std::uint8_t* frame, std::size_t size) {
    if (size < marker_size || (frame[12] << 8 | frame[13]) != marker_ethertype)
        return {};
    Marker out;
    for (unsigned i = 0; i < 4; ++i)
        out.number |= static_cast<std::uint32_t>(frame[content + i]) << (8 * i);
    out.crossings = frame[content + 4];
    return out;
}

} // namespace nflab::witness

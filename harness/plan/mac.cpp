// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/plan/plan.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace nflab::plan {

namespace {

/// FNV-1a, 64 bits, and a last mixing (that of splitmix64) so that texts that differ in their last
/// byte only differ in every byte of the result. Stable across builds, which std::hash is not.
std::uint64_t fingerprint(const std::string& text) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char byte : text) {
        hash ^= static_cast<std::uint8_t>(byte);
        hash *= 0x100000001b3U;
    }
    hash = (hash ^ (hash >> 30U)) * 0xbf58476d1ce4e5b9U;
    hash = (hash ^ (hash >> 27U)) * 0x94d049bb133111ebU;
    return hash ^ (hash >> 31U);
}

} // namespace

std::string derive_mac(const std::string& lab, const std::string& node, const std::string& nic) {
    // '/' cannot stand in any of the three names, so no two triples make the same text.
    const std::uint64_t hash = fingerprint(lab + '/' + node + '/' + nic);
    const auto byte = [&](int index) {
        return static_cast<unsigned>((hash >> (8 * index)) & 0xff);
    };
    // Bit 1 of the first octet: locally administered; bit 0 clear: unicast (IEEE 802, 8.2).
    return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", (byte(0) & 0xfcU) | 0x02U,
                       byte(1), byte(2), byte(3), byte(4), byte(5));
}

} // namespace nflab::plan

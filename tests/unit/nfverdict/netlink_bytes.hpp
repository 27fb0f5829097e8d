// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

/// Netlink messages of nf_tables, built as the kernel would.
namespace nflab::nfverdict::netlink {

using Bytes = std::vector<std::uint8_t>;

inline Bytes operator+(Bytes a, const Bytes& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

inline Bytes attribute(unsigned type, const Bytes& payload) {
    const auto size = static_cast<std::uint16_t>(4 + payload.size());
    Bytes out{static_cast<std::uint8_t>(size), static_cast<std::uint8_t>(size >> 8),
              static_cast<std::uint8_t>(type), static_cast<std::uint8_t>(type >> 8)};
    out = out + payload;
    out.resize((out.size() + 3) / 4 * 4);
    return out;
}

inline Bytes text(unsigned type, const std::string& value) {
    Bytes payload(value.begin(), value.end());
    payload.push_back(0);
    return attribute(type, payload);
}

inline Bytes u32(unsigned type, std::uint32_t value) {
    return attribute(
        type, {static_cast<std::uint8_t>(value >> 24), static_cast<std::uint8_t>(value >> 16),
               static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)});
}

inline Bytes u64(unsigned type, std::uint64_t value) {
    Bytes payload(8);
    for (std::size_t i = 0; i < 8; ++i)
        payload[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
    return attribute(type, payload);
}

/// struct nfgenmsg and what follows it.
inline Bytes message(std::uint8_t family, const Bytes& attributes) {
    return Bytes{family, 0, 0, 0} + attributes;
}

} // namespace nflab::nfverdict::netlink

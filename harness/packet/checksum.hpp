// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <span>

namespace nflab::packet {

/// The Internet checksum (RFC 1071) of bytes whose own checksum field is 0; `start` is the sum of
/// what is not among them, as a pseudo header.
std::uint16_t internet_checksum(std::span<const std::uint8_t> bytes, std::uint32_t start = 0);

/// Big-endian words added up, to be the `start` of another.
std::uint32_t word_sum(std::span<const std::uint8_t> bytes, std::uint32_t start = 0);

/// SCTP's (RFC 9260, appendix A), in the byte order of the wire when written most significant byte
/// first.
std::uint32_t crc32c(std::span<const std::uint8_t> bytes);

} // namespace nflab::packet

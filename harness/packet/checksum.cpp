// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/packet/checksum.hpp"

namespace nflab::packet {

std::uint32_t word_sum(std::span<const std::uint8_t> bytes, std::uint32_t start) {
    for (std::size_t i = 0; i < bytes.size(); i += 2)
        start +=
            static_cast<std::uint32_t>(bytes[i] << 8 | (i + 1 < bytes.size() ? bytes[i + 1] : 0));
    return start;
}

std::uint16_t internet_checksum(std::span<const std::uint8_t> bytes, std::uint32_t start) {
    std::uint32_t sum = word_sum(bytes, start);
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(~sum);
}

std::uint32_t crc32c(std::span<const std::uint8_t> bytes) {
    constexpr std::uint32_t polynomial = 0x82f63b78; // Castagnoli's, its bits reversed
    std::uint32_t crc = 0xffffffff;
    for (const std::uint8_t byte : bytes) {
        crc ^= byte;
        for (int bit = 0; bit < 8; ++bit)
            crc = crc >> 1 ^ (polynomial & (0U - (crc & 1U)));
    }
    return __builtin_bswap32(~crc);
}

} // namespace nflab::packet

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nflab::agent {

using Mac = std::array<std::uint8_t, 6>;

/// "52:54:00:12:34:56", either case.
std::optional<Mac> parse_mac(std::string_view text);

/// An address with a prefix length, as the kernel wants it: network byte order.
struct Prefix {
    int family = 0; ///< AF_INET or AF_INET6
    std::array<std::uint8_t, 16> bytes{};
    unsigned length = 0; ///< bits

    std::string_view address() const; ///< 4 or 16 bytes
};

/// "10.0.0.1/24" or "fd00::1/64"; without a length it is a host's: 32 or 128.
std::optional<Prefix> parse_prefix(const std::string& text);

} // namespace nflab::agent

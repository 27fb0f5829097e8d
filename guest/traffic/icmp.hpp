// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

/// ICMP (RFC 792) and ICMPv6 (RFC 4443) as far as an echo needs them. Pure.
namespace nflab::traffic {

enum class Family { v4, v6 };

/// The message without an IP header. The kernel fills in ICMPv6's checksum (raw(7), ipv6(7)).
std::string make_echo_request(Family family, std::uint16_t id, std::uint16_t sequence,
                              std::string_view payload);

struct EchoReply {
    std::uint16_t id = 0;
    std::uint16_t sequence = 0;
    std::string_view payload; ///< in the parsed bytes
};

/// Somebody on the way could not deliver an echo request.
struct EchoError {
    std::uint16_t id = 0; ///< of the request
    std::uint16_t sequence = 0;
    std::uint8_t type = 0; ///< of the error
    std::uint8_t code = 0;
};

using EchoAnswer = std::variant<std::monostate, EchoReply, EchoError>;

/// What a raw socket received: with the IP header for v4, without it for v6. std::monostate for
/// everything that is not about an echo request, and for whatever is too short.
EchoAnswer parse_answer(Family family, std::string_view bytes);

/// The errno that Linux makes of such an error for other protocols (icmp_err_convert in
/// net/ipv4/icmp.c, tab_unreach in net/ipv6/icmp.c).
int errno_of(Family family, std::uint8_t type, std::uint8_t code);

/// "host unreachable", "time exceeded", …
const char* describe(Family family, std::uint8_t type, std::uint8_t code);

} // namespace nflab::traffic

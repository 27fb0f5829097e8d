// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/traffic/options.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace nflab::traffic {

/// By what a packet, or a connection, is recognised elsewhere.
struct Identity {
    Protocol protocol = Protocol::icmp;
    std::uint32_t run = 0; ///< as in the payload
    std::uint32_t number = 0;
    std::string source;
    std::string destination;
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    std::uint16_t icmp_id = 0;
    std::uint16_t icmp_sequence = 0;
};

/// Why there will be no reply.
struct Reason {
    int error = 0; ///< errno
    std::string message;
    std::string from; ///< who said so by ICMP; empty: this node's kernel, or a TCP reset
    std::optional<std::uint8_t> icmp_type;
    std::optional<std::uint8_t> icmp_code;
};

/// Lines of docs/formats/traffic.md, with the newline.
std::string sent_line(const Identity& identity, std::int64_t time_ns);
std::string reply_line(const Identity& identity, std::int64_t rtt_us);
std::string timeout_line(const Identity& identity);
std::string failed_line(const Identity& identity, const Reason& reason);
std::string done_line(unsigned sent, unsigned replies, unsigned timeouts, unsigned failed);
std::string listening_line(const ServeOptions& options);

} // namespace nflab::traffic

// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/step/destination.hpp"

#include "harness/base/error.hpp"

#include <fmt/format.h>

#include <charconv>
#include <string>

namespace nflab::step {
namespace {

[[noreturn]] void refuse(std::string_view text, const std::string& why) {
    throw Error(Failure::bad_input, fmt::format("cannot send to '{}': {}", text, why),
                "write NODE or ADDRESS for a ping, NODE:PORT/tcp or ADDRESS:PORT/udp otherwise; an "
                "IPv6 address with a port stands in brackets: [2001:db8::1]:80/tcp");
}

scenario::Protocol parse_protocol(std::string_view text, std::string_view word) {
    if (word == "tcp")
        return scenario::Protocol::tcp;
    if (word == "udp")
        return scenario::Protocol::udp;
    if (word == "icmp" || word == "icmpv6")
        return scenario::Protocol::icmp;
    refuse(text, fmt::format("'{}' is not a protocol (tcp, udp, icmp)", word));
}

std::uint16_t parse_port(std::string_view text, std::string_view digits) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), port);
    if (error != std::errc{} || end != digits.end() || port == 0)
        refuse(text, fmt::format("'{}' is not a port (1 to 65535)", digits));
    return port;
}

} // namespace

scenario::Send parse_destination(std::string_view text) {
    scenario::Send order;
    std::string_view host = text;
    bool protocol_given = false;
    if (const std::size_t slash = text.rfind('/'); slash != std::string_view::npos) {
        order.protocol = parse_protocol(text, text.substr(slash + 1));
        protocol_given = true;
        host = text.substr(0, slash);
    }
    const bool bracketed = !host.empty() && host.front() == '[';
    const std::size_t closing = host.find(']');
    if (bracketed && closing == std::string_view::npos)
        refuse(text, "the bracket is not closed");
    const bool bare_ipv6 =
        !bracketed && host.find(':') != std::string_view::npos && host.find(':') != host.rfind(':');
    const std::size_t colon =
        bare_ipv6 ? std::string_view::npos : host.find(':', bracketed ? closing : 0);
    if (colon != std::string_view::npos) {
        order.port = parse_port(text, host.substr(colon + 1));
        host = host.substr(0, colon);
        if (!protocol_given)
            order.protocol = scenario::Protocol::tcp;
    }
    if (bracketed)
        host = host.substr(1, closing - 1);
    if (host.empty())
        refuse(text, "there is no node or address");
    if (order.protocol != scenario::Protocol::icmp && !order.port)
        refuse(text, "tcp and udp need a port");
    order.to = host;
    order.ipv6 = host.find(':') != std::string_view::npos;
    return order;
}

} // namespace nflab::step

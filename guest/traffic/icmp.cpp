// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/traffic/icmp.hpp"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>

#include <cerrno>

namespace nflab::traffic {
namespace {

constexpr std::size_t icmp_header = 8;
constexpr std::size_t ipv4_header = 20;
constexpr std::size_t ipv6_header = 40;

std::uint8_t byte_at(std::string_view bytes, std::size_t offset) {
    return static_cast<std::uint8_t>(bytes[offset]);
}

std::uint16_t word_at(std::string_view bytes, std::size_t offset) {
    return static_cast<std::uint16_t>(byte_at(bytes, offset) << 8U | byte_at(bytes, offset + 1));
}

void put_word(std::string& out, std::size_t offset, unsigned value) {
    out[offset] = static_cast<char>(value >> 8U);
    out[offset + 1] = static_cast<char>(value);
}

unsigned checksum(std::string_view bytes) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2)
        sum += word_at(bytes, i);
    if (bytes.size() % 2 != 0)
        sum += static_cast<std::uint32_t>(byte_at(bytes, bytes.size() - 1)) << 8U;
    while (sum >> 16U != 0)
        sum = (sum & 0xffffU) + (sum >> 16U);
    return ~sum & 0xffffU;
}

std::optional<std::string_view> skip_ip_header(Family family, std::string_view bytes) {
    const std::size_t least = family == Family::v4 ? ipv4_header : ipv6_header;
    if (bytes.size() < least)
        return std::nullopt;
    std::size_t size = least;
    if (family == Family::v4)
        size = (byte_at(bytes, 0) & 0x0fU) * std::size_t{4};
    const std::uint8_t protocol = byte_at(bytes, family == Family::v4 ? 9 : 6);
    const int expected = family == Family::v4 ? int{IPPROTO_ICMP} : int{IPPROTO_ICMPV6};
    if (size < least || size > bytes.size() || protocol != expected)
        return std::nullopt;
    return bytes.substr(size);
}

bool is_error(Family family, std::uint8_t type) {
    if (family == Family::v6)
        return (type & ICMP6_INFOMSG_MASK) == 0;
    return type == ICMP_DEST_UNREACH || type == ICMP_TIME_EXCEEDED || type == ICMP_PARAMETERPROB;
}

} // namespace

std::string make_echo_request(Family family, std::uint16_t id, std::uint16_t sequence,
                              std::string_view payload) {
    std::string message(icmp_header, '\0');
    message[0] = static_cast<char>(family == Family::v4 ? ICMP_ECHO : ICMP6_ECHO_REQUEST);
    put_word(message, 4, id);
    put_word(message, 6, sequence);
    message.append(payload);
    if (family == Family::v4)
        put_word(message, 2, checksum(message));
    return message;
}

EchoAnswer parse_answer(Family family, std::string_view bytes) {
    if (family == Family::v4) {
        const auto message = skip_ip_header(family, bytes);
        if (!message)
            return {};
        bytes = *message;
    }
    if (bytes.size() < icmp_header)
        return {};
    const std::uint8_t type = byte_at(bytes, 0);
    if (type == (family == Family::v4 ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY))
        return EchoReply{word_at(bytes, 4), word_at(bytes, 6), bytes.substr(icmp_header)};
    if (!is_error(family, type))
        return {};
    const auto request = skip_ip_header(family, bytes.substr(icmp_header));
    if (!request || request->size() < icmp_header ||
        byte_at(*request, 0) != (family == Family::v4 ? ICMP_ECHO : ICMP6_ECHO_REQUEST))
        return {};
    return EchoError{word_at(*request, 4), word_at(*request, 6), type, byte_at(bytes, 1)};
}

int errno_of(Family family, std::uint8_t type, std::uint8_t code) {
    if (family == Family::v4 && type == ICMP_DEST_UNREACH) {
        constexpr int by_code[] = {ENETUNREACH,  EHOSTUNREACH, ENOPROTOOPT,  ECONNREFUSED,
                                   EMSGSIZE,     EOPNOTSUPP,   ENETUNREACH,  EHOSTDOWN,
                                   ENONET,       ENETUNREACH,  EHOSTUNREACH, ENETUNREACH,
                                   EHOSTUNREACH, EHOSTUNREACH, EHOSTUNREACH, EHOSTUNREACH};
        return code < std::size(by_code) ? by_code[code] : EHOSTUNREACH;
    }
    if (family == Family::v6 && type == ICMP6_DST_UNREACH) {
        constexpr int by_code[] = {ENETUNREACH,  EACCES, EHOSTUNREACH, EHOSTUNREACH,
                                   ECONNREFUSED, EACCES, EACCES};
        return code < std::size(by_code) ? by_code[code] : EPROTO;
    }
    if (family == Family::v6 && type == ICMP6_PACKET_TOO_BIG)
        return EMSGSIZE;
    if (type == (family == Family::v4 ? ICMP_TIME_EXCEEDED : ICMP6_TIME_EXCEEDED))
        return EHOSTUNREACH;
    return EPROTO;
}

const char* describe(Family family, std::uint8_t type, std::uint8_t code) {
    if (family == Family::v4 && type == ICMP_DEST_UNREACH) {
        constexpr const char* by_code[] = {"network unreachable",
                                           "host unreachable",
                                           "protocol unreachable",
                                           "port unreachable",
                                           "fragmentation needed",
                                           "source route failed",
                                           "network unknown",
                                           "host unknown",
                                           "source host isolated",
                                           "network administratively prohibited",
                                           "host administratively prohibited",
                                           "network unreachable for this type of service",
                                           "host unreachable for this type of service",
                                           "communication administratively prohibited"};
        return code < std::size(by_code) ? by_code[code] : "destination unreachable";
    }
    if (family == Family::v6 && type == ICMP6_DST_UNREACH) {
        constexpr const char* by_code[] = {"no route",
                                           "communication administratively prohibited",
                                           "beyond the scope of the source address",
                                           "address unreachable",
                                           "port unreachable",
                                           "source address failed policy",
                                           "rejected route"};
        return code < std::size(by_code) ? by_code[code] : "destination unreachable";
    }
    if (family == Family::v6 && type == ICMP6_PACKET_TOO_BIG)
        return "packet too big";
    if (type == (family == Family::v4 ? ICMP_TIME_EXCEEDED : ICMP6_TIME_EXCEEDED))
        return "time exceeded";
    return "parameter problem";
}

} // namespace nflab::traffic

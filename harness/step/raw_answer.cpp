// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/step/raw_answer.hpp"

#include "guest/traffic/icmp.hpp"
#include "harness/verdict/packet.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

namespace nflab::step {
namespace {

using verdict::Packet;
using verdict::SentPacket;

bool quotes(const Packet& came, const Packet& sent) {
    if (!came.quoted)
        return false;
    const verdict::QuotedPacket& quoted = *came.quoted;
    return quoted.protocol == sent.protocol && quoted.source == sent.source &&
           quoted.destination == sent.destination && quoted.ip_id == sent.ip_id &&
           quoted.icmp_id == sent.icmp_id && quoted.icmp_sequence == sent.icmp_sequence &&
           // Of a fragment that is not the first, the ports are not quoted.
           (quoted.source_port == 0 || (quoted.source_port == sent.source_port &&
                                        quoted.destination_port == sent.destination_port));
}

std::optional<RawAnswer> arp_answer(const Packet& sent, const Packet& came) {
    constexpr int reply = 2;
    if (came.ethertype != sent.ethertype || came.arp_operation != reply ||
        came.source != sent.destination)
        return {};
    return RawAnswer{true, {}};
}

} // namespace

std::optional<RawAnswer> answer_to(const SentPacket& sent, const Packet& came) {
    if (!sent.header)
        return {};
    const Packet& header = *sent.header;
    if (sent.protocol == "arp")
        return arp_answer(header, came);
    if (came.family != header.family)
        return {};
    if (quotes(came, header)) {
        const bool ipv6 = came.family == AF_INET6;
        return RawAnswer{
            false, fmt::format("{}, says {}",
                               traffic::describe(ipv6 ? traffic::Family::v6 : traffic::Family::v4,
                                                 static_cast<std::uint8_t>(came.icmp_type),
                                                 static_cast<std::uint8_t>(came.icmp_code)),
                               came.source)};
    }
    if (came.protocol != header.protocol || came.source != header.destination ||
        came.destination != header.source)
        return {};
    if (verdict::is_icmp(header)) {
        const bool reply = verdict::is_echo(header) && verdict::is_echo_reply(came) &&
                           came.icmp_id == header.icmp_id &&
                           came.icmp_sequence == header.icmp_sequence;
        return reply ? std::optional(RawAnswer{true, {}}) : std::nullopt;
    }
    if (came.source_port != header.destination_port || came.destination_port != header.source_port)
        return {};
    constexpr std::uint8_t rst = 0x04;
    if ((came.tcp_flags & rst) != 0)
        return RawAnswer{false, fmt::format("reset, says {}", came.source)};
    return RawAnswer{true, {}};
}

} // namespace nflab::step

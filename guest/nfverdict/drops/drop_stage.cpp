// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/drops/drop_stage.hpp"

#include "guest/nfverdict/drops/drop_reasons.hpp"

#include <linux/if_packet.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>

#include <cerrno>
#include <cstdlib>
#include <map>
#include <optional>

namespace nflab::nfverdict {
namespace {

constexpr const char* by_reason = "reason";
constexpr const char* by_site = "call site";
constexpr const char* by_counter = "counter";

/// A counter that, when it moved, explains a drop of a function that has several reasons.
struct Clue {
    std::string_view function; ///< the beginning of its name
    const char* counter;
    const char* stage;
    const char* detail;
    const char* reason;           ///< that newer kernels say instead, if any do
    const char* beside = nullptr; ///< counts the same drops, and others
};

constexpr const char* other_way = "the way back to its source is another one";
constexpr const char* too_big = "too big for the next link, and must not be fragmented";
constexpr const char* policy = "an IPsec policy";

constexpr const char* clash = "the connection tracking entry clashes with another one";

constexpr Clue clues[] = {
    // They run the hook's functions behind the one that queued the packet.
    {"nf_reinject", "conntrack.insert_failed", "conntrack", clash, "", "conntrack.drop"},
    {"nfqnl_reinject", "conntrack.insert_failed", "conntrack", clash, "", "conntrack.drop"},
    {"ip_rcv_core", "IpExt.InCsumErrors", "checksum", "wrong IP header checksum", "IP_CSUM"},
    {"ip_rcv_finish", "TcpExt.IPReversePathFilter", "rp_filter", other_way, "IP_RPFILTER",
     "rt_cache.in_martian_src"},
    {"ip_rcv_finish", "rt_cache.in_martian_src", "martian",
     "its source is no address that a packet can have here", "IP_INVALID_SOURCE"},
    {"ip_rcv_finish", "rt_cache.in_martian_dst", "martian",
     "its destination is no address that a packet can have here", "IP_INVALID_DEST"},
    {"ip_sublist_rcv", "TcpExt.IPReversePathFilter", "rp_filter", other_way, "IP_RPFILTER",
     "rt_cache.in_martian_src"},
    {"ip_sublist_rcv", "rt_cache.in_martian_src", "martian",
     "its source is no address that a packet can have here", "IP_INVALID_SOURCE"},
    {"ip_forward", "Ip.FragFails", "mtu", too_big, "PKT_TOO_BIG"},
    {"ip_forward", "XfrmInPolBlock", "xfrm", policy, "XFRM_POLICY"},
    {"ip_forward", "XfrmInNoPols", "xfrm", policy, "XFRM_POLICY"},
    {"ip_forward", "XfrmInTmplMismatch", "xfrm", policy, "XFRM_POLICY"},
    {"ip_forward", "XfrmFwdHdrError", "xfrm", policy, "XFRM_POLICY"},
    {"ip_forward", "XfrmOutPolBlock", "xfrm", policy, "XFRM_POLICY"},
    {"ip6_forward", "Ip6InTooBigErrors", "mtu", too_big, "PKT_TOO_BIG"},
    {"ip6_forward", "Ip6FragFails", "mtu", too_big, "PKT_TOO_BIG"},
    {"ip6_forward", "XfrmInPolBlock", "xfrm", policy, "XFRM_POLICY"},
    {"ip6_forward", "XfrmInNoPols", "xfrm", policy, "XFRM_POLICY"},
    {"ip6_forward", "XfrmInTmplMismatch", "xfrm", policy, "XFRM_POLICY"},
    {"ip6_forward", "XfrmOutPolBlock", "xfrm", policy, "XFRM_POLICY"},
    {"ip_protocol_deliver", "XfrmInPolBlock", "xfrm", policy, "XFRM_POLICY"},
    {"ip_protocol_deliver", "XfrmInTmplMismatch", "xfrm", policy, "XFRM_POLICY"},
    {"ip6_protocol_deliver", "XfrmInPolBlock", "xfrm", policy, "XFRM_POLICY"},
    {"udp_queue_rcv", "Udp.InCsumErrors", "checksum", "wrong UDP checksum", "UDP_CSUM"},
    {"udp_queue_rcv", "XfrmInPolBlock", "xfrm", policy, "XFRM_POLICY"},
    {"udpv6_queue_rcv", "Udp6InCsumErrors", "checksum", "wrong UDP checksum", "UDP_CSUM"},
    {"__udp4_lib_rcv", "Udp.InCsumErrors", "checksum", "wrong UDP checksum", "UDP_CSUM"},
    {"__udp4_lib_rcv", "XfrmInPolBlock", "xfrm", policy, "XFRM_POLICY"},
    {"__udp6_lib_rcv", "Udp6InCsumErrors", "checksum", "wrong UDP checksum", "UDP_CSUM"},
    {"udp_rcv", "Udp.InCsumErrors", "checksum", "wrong UDP checksum", "UDP_CSUM"},
    {"tcp_v4_rcv", "Tcp.InCsumErrors", "checksum", "wrong TCP checksum", "TCP_CSUM"},
    {"tcp_v4_rcv", "XfrmInPolBlock", "xfrm", policy, "XFRM_POLICY"},
    {"tcp_v6_rcv", "Tcp.InCsumErrors", "checksum", "wrong TCP checksum", "TCP_CSUM"},
    {"icmp_rcv", "Icmp.InCsumErrors", "checksum", "wrong ICMP checksum", "ICMP_CSUM"},
    {"icmp_rcv", "XfrmInPolBlock", "xfrm", policy, "XFRM_POLICY"},
    {"icmpv6_rcv", "Icmp6InCsumErrors", "checksum", "wrong ICMP checksum", "ICMP_CSUM",
     "Icmp6InErrors"},
    {"icmpv6_rcv", "Icmp6InErrors", "header", "wrong ICMPv6 message", ""},
    {"icmpv6_rcv", "XfrmInPolBlock", "xfrm", policy, "XFRM_POLICY"},
};

const char* route_detail(int error) {
    switch (std::abs(error)) { // positive in IPv4's routes, negative in IPv6's
    case EACCES:
        return "a route prohibits it";
    case EHOSTUNREACH:
        return "a route says that the destination is unreachable";
    case ENETUNREACH:
        return "no route";
    case EINVAL:
        return "a blackhole route";
    default:
        return nullptr;
    }
}

bool is_multicast(const verdict::Packet& packet) {
    if (packet.family == AF_INET6)
        return packet.destination.starts_with("ff");
    const int first = std::atoi(packet.destination.c_str());
    return first >= 224;
}

std::optional<int> time_to_live(const DropFacts& facts) {
    const std::size_t at = facts.packet.family == AF_INET6 ? 7 : 8;
    if (facts.header.size() <= at)
        return {};
    return facts.header[at];
}

bool is_forwarding(std::string_view function) {
    return function.starts_with("ip_forward") || function.starts_with("ip6_forward");
}

// With segments of connections that are over, TCP does not say what is wrong with them.
bool is_closing_segment(const DropFacts& facts) {
    return facts.function.starts_with("tcp_v") && (facts.packet.tcp_flags & TH_SYN) == 0;
}

bool is_discovery(const verdict::Packet& packet) {
    return packet.protocol == IPPROTO_ICMPV6 &&
           ((packet.icmp_type >= 130 && packet.icmp_type <= 137) || packet.icmp_type == 143);
}

// An answer to a raw socket's ping: the socket has had a copy, and no ping socket wants the packet.
bool is_delivered_echo_reply(const DropFacts& facts, const DropStage& found) {
    const verdict::Packet& packet = facts.packet;
    const bool reply = (packet.protocol == IPPROTO_ICMP && packet.icmp_type == ICMP_ECHOREPLY) ||
                       (packet.protocol == IPPROTO_ICMPV6 && packet.icmp_type == ICMP6_ECHO_REPLY);
    const bool by_icmp =
        facts.function.starts_with("icmp") || facts.function.starts_with("ping_rcv");
    return reply && by_icmp && (found.stage == "header" || found.stage == "socket");
}

// Older kernels free an ICMPv6 message that they have taken in and answered as if it were dropped;
// what they do drop, they count.
bool is_message_taken_in(const DropFacts& facts) {
    return facts.function.starts_with("icmpv6_rcv") && facts.reason.empty();
}

std::optional<DropStage> from_reason(const DropFacts& facts) {
    const DropReason* reason = find_reason(facts.reason);
    if (!reason)
        return {};
    DropStage out{reason->stage, by_reason, reason->detail, {}, reason->noise};
    // One reason for a wrong header and for a header that has come too far.
    if (facts.reason == "IP_INHDR" && is_forwarding(facts.function) &&
        time_to_live(facts).value_or(0xff) <= 1) {
        out.stage = "ttl";
        out.detail = "time to live exceeded";
    } else if (out.stage == "route") {
        if (const char* detail = route_detail(facts.route_error))
            out.detail = detail;
    }
    return out;
}

// The kernel counts several packets before we look: one whose checksum it knows to be right is none
// of those that it threw away for theirs.
bool is_of_transport_checksum(const Clue& clue) {
    return clue.stage == std::string_view("checksum") && clue.function != "ip_rcv_core";
}

std::optional<DropStage> from_counters(const DropFacts& facts, const CounterMoved& moved) {
    std::optional<DropStage> out;
    std::map<std::string, std::uint64_t> explained;
    for (const Clue& clue : clues) {
        if (!facts.function.starts_with(clue.function) || facts.kernel_has(clue.reason) ||
            (facts.checked && is_of_transport_checksum(clue)))
            continue;
        const std::uint64_t count = moved(clue.counter);
        if (count <= explained[clue.counter])
            continue;
        if (out && out->stage != clue.stage)
            return {}; // two explanations are none
        out = DropStage{clue.stage, by_counter, clue.detail, {clue.counter}, false};
        if (clue.beside) {
            explained[clue.beside] = count;
            out->counters.emplace_back(clue.beside);
        }
    }
    return out;
}

DropStage from_site(const DropFacts& facts, const CounterMoved& moved) {
    if (is_forwarding(facts.function) && time_to_live(facts).value_or(0xff) <= 1)
        return {"ttl", by_site, "time to live exceeded", {}, false};
    if (auto out = from_counters(facts, moved))
        return *out;
    const DropSite* site = find_site(facts.function);
    if (!site)
        return {"unknown", by_site, "", {}, false};
    DropStage out{site->stage, by_site, site->detail, {}, site->noise};
    if (out.stage == "route")
        if (const char* detail = route_detail(facts.route_error))
            out.detail = detail;
    out.noise = out.noise || is_closing_segment(facts) || is_message_taken_in(facts);
    return out;
}

} // namespace

DropStage drop_stage(const DropFacts& facts, const CounterMoved& moved) {
    auto out = from_reason(facts);
    if (!out)
        out = from_site(facts, moved);
    const bool of_a_rule = out->stage == "netfilter";
    out->noise = out->noise || facts.packet.family == 0 || is_delivered_echo_reply(facts, *out) ||
                 (!of_a_rule && (facts.packet_type == PACKET_OTHERHOST ||
                                 is_multicast(facts.packet) || is_discovery(facts.packet)));
    return *out;
}

} // namespace nflab::nfverdict

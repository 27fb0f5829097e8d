// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/packet/conntrack.hpp"

#include "guest/nfverdict/kernel/kernel_api.hpp"
#include "guest/nfverdict/packet/packet.hpp"

namespace nflab::nfverdict {
namespace {

using Bytes = std::span<const std::uint8_t>;

// struct nf_conntrack_tuple, include/net/netfilter/nf_conntrack_tuple.h: source address (16), its
// port or ICMP id, u16 l3num; destination address (16), its port or ICMP type and code, u8
// protocol, u8 direction.
constexpr std::size_t tuple_size = 40;
constexpr std::size_t source_port = 16;
constexpr std::size_t l3num = 18;
constexpr std::size_t destination = 20;
constexpr std::size_t destination_port = 36;
constexpr std::size_t protocol = 38;
constexpr std::size_t direction = 39;

std::uint16_t big16(Bytes bytes, std::size_t at) {
    return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

std::optional<verdict::Tuple> parse_tuple(Bytes conn, std::size_t at, std::uint8_t expected) {
    if (at + tuple_size > conn.size())
        return {};
    const Bytes bytes = conn.subspan(at, tuple_size);
    const int family = bytes[l3num] | bytes[l3num + 1] << 8;
    if ((family != AF_INET && family != AF_INET6) || bytes[direction] != expected)
        return {};
    verdict::Tuple tuple;
    tuple.source = address_text(family, bytes.data());
    tuple.destination = address_text(family, &bytes[destination]);
    tuple.source_port = big16(bytes, source_port);
    if (bytes[protocol] != IPPROTO_ICMP && bytes[protocol] != IPPROTO_ICMPV6)
        tuple.destination_port = big16(bytes, destination_port);
    return tuple;
}

// enum ip_conntrack_info, include/uapi/linux/netfilter/nf_conntrack_common.h
const char* state_name(unsigned ctinfo) {
    switch (ctinfo) {
    case 0:
        return "established";
    case 1:
    case 4:
        return "related";
    case 2:
        return "new";
    case 3:
        return "reply";
    case 7:
        return "untracked";
    default:
        return "";
    }
}

} // namespace

std::optional<verdict::Conntrack> parse_conntrack(std::uint64_t nfct, Bytes conn,
                                                  const std::optional<ConntrackLayout>& layout) {
    constexpr std::uint64_t info_mask = 7;
    if (nfct == 0)
        return {};
    verdict::Conntrack entry;
    entry.id = nfct & ~info_mask;
    entry.state = state_name(static_cast<unsigned>(nfct & info_mask));
    if (!entry.id || !layout)
        return entry;
    auto original = parse_tuple(conn, layout->tuplehash + layout->tuple, 0);
    auto reply = parse_tuple(conn, layout->tuplehash + layout->hash_size + layout->tuple, 1);
    if (original && reply) {
        entry.original = std::move(original);
        entry.reply = std::move(reply);
    }
    return entry;
}

} // namespace nflab::nfverdict

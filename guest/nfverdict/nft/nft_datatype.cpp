// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/nft/nft_datatype.hpp"

#include "guest/nfverdict/packet/packet.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

namespace nflab::nfverdict {
namespace {

using Bytes = std::span<const std::uint8_t>;
using Texts = std::vector<std::string>;
using Names = std::span<const std::pair<std::uint32_t, const char*>>;

enum Datatype : unsigned {
    nfproto = 2,
    integer = 4,
    ipv4_addr = 7,
    ipv6_addr = 8,
    ether_addr = 9,
    ether_type = 10,
    arp_op = 11,
    inet_proto = 12,
    inet_service = 13,
    icmp_type = 14,
    tcp_flag = 15,
    mark = 19,
    iface_index = 20,
    uid = 24,
    gid = 25,
    ct_state = 26,
    ct_dir = 27,
    icmpv6_type = 29,
    pkt_type = 31,
    icmp_code = 32,
    icmpv6_code = 33,
    dscp = 36,
    boolean = 39,
    ifname = 41,
};

constexpr std::pair<std::uint32_t, const char*> nfproto_names[] = {{2, "ipv4"}, {10, "ipv6"}};
constexpr std::pair<std::uint32_t, const char*> ether_type_names[] = {
    {0x0800, "ip"},    {0x0806, "arp"},  {0x86dd, "ip6"},
    {0x8100, "8021q"}, {0x8100, "vlan"}, {0x88a8, "8021ad"}};
constexpr std::pair<std::uint32_t, const char*> arp_op_names[] = {
    {1, "request"},   {2, "reply"},   {3, "rrequest"}, {4, "rreply"},
    {8, "inrequest"}, {9, "inreply"}, {10, "nak"}};
constexpr std::pair<std::uint32_t, const char*> inet_proto_names[] = {
    {1, "icmp"},       {2, "igmp"},    {4, "ipencap"},  {6, "tcp"},      {17, "udp"},
    {33, "dccp"},      {41, "ipv6"},   {47, "gre"},     {50, "esp"},     {51, "ah"},
    {58, "ipv6-icmp"}, {58, "icmpv6"}, {89, "ospf"},    {108, "ipcomp"}, {108, "comp"},
    {112, "vrrp"},     {132, "sctp"},  {136, "udplite"}};
constexpr std::pair<std::uint32_t, const char*> icmp_type_names[] = {
    {0, "echo-reply"},           {3, "destination-unreachable"},
    {4, "source-quench"},        {5, "redirect"},
    {8, "echo-request"},         {9, "router-advertisement"},
    {10, "router-solicitation"}, {11, "time-exceeded"},
    {12, "parameter-problem"},   {13, "timestamp-request"},
    {14, "timestamp-reply"},     {15, "info-request"},
    {16, "info-reply"},          {17, "address-mask-request"},
    {18, "address-mask-reply"}};
constexpr std::pair<std::uint32_t, const char*> icmpv6_type_names[] = {
    {1, "destination-unreachable"},  {2, "packet-too-big"},         {3, "time-exceeded"},
    {4, "parameter-problem"},        {128, "echo-request"},         {129, "echo-reply"},
    {130, "mld-listener-query"},     {131, "mld-listener-report"},  {132, "mld-listener-done"},
    {132, "mld-listener-reduction"}, {133, "nd-router-solicit"},    {134, "nd-router-advert"},
    {135, "nd-neighbor-solicit"},    {136, "nd-neighbor-advert"},   {137, "nd-redirect"},
    {138, "router-renumbering"},     {141, "ind-neighbor-solicit"}, {142, "ind-neighbor-advert"},
    {143, "mld2-listener-report"}};
constexpr std::pair<std::uint32_t, const char*> ct_dir_names[] = {{0, "original"}, {1, "reply"}};
constexpr std::pair<std::uint32_t, const char*> pkt_type_names[] = {
    {0, "host"}, {0, "unicast"}, {1, "broadcast"}, {2, "multicast"}, {3, "other"}};
constexpr std::pair<std::uint32_t, const char*> boolean_names[] = {{0, "missing"}, {1, "exists"}};
constexpr std::pair<std::uint32_t, const char*> ct_state_bits[] = {
    {1, "invalid"}, {2, "established"}, {4, "related"}, {8, "new"}, {64, "untracked"}};
constexpr std::pair<std::uint32_t, const char*> tcp_flag_bits[] = {
    {1, "fin"},  {2, "syn"},  {4, "rst"},  {8, "psh"},
    {16, "ack"}, {32, "urg"}, {64, "ecn"}, {128, "cwr"}};

std::uint64_t number(Bytes bytes, bool network_order) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size() && i < 8; ++i)
        value = value << 8 | bytes[network_order ? i : bytes.size() - 1 - i];
    return value;
}

Texts with_names(std::uint64_t value, Names names) {
    Texts out{std::to_string(value)};
    for (const auto& [number, name] : names)
        if (number == value)
            out.emplace_back(name);
    return out;
}

// nft lists the set bits; how they are joined has changed over time.
Texts with_bits(std::uint64_t value, Names bits, std::size_t digits) {
    Texts set;
    for (const auto& [bit, name] : bits)
        if ((value & bit) != 0) {
            set.emplace_back(name);
            value &= ~static_cast<std::uint64_t>(bit);
        }
    Texts out{fmt::format("{:#x}", value), fmt::format("0x{:0{}x}", value, digits)};
    if (value == 0 && !set.empty())
        for (const char* joint : {",", " | ", "|"})
            out.push_back(fmt::format("{}", fmt::join(set, joint)));
    return out;
}

std::string interface_name(Bytes bytes) {
    const auto end = std::find(bytes.begin(), bytes.end(), 0);
    return fmt::format("\"{}\"", std::string(bytes.begin(), end));
}

Texts of_this_machine(unsigned datatype, Bytes bytes, std::uint64_t value,
                      const std::map<std::uint32_t, std::string>& interfaces) {
    switch (datatype) {
    case mark:
        return {fmt::format("0x{:08x}", value), std::to_string(value)};
    case ct_state:
        return with_bits(value, ct_state_bits, bytes.size() * 2);
    case iface_index: {
        Texts out{std::to_string(value)};
        if (const auto found = interfaces.find(static_cast<std::uint32_t>(value));
            found != interfaces.end())
            out.push_back(fmt::format("\"{}\"", found->second));
        return out;
    }
    default: // user and group
        return {std::to_string(value)};
    }
}

} // namespace

std::size_t datatype_size(unsigned datatype) {
    switch (datatype) {
    case nfproto:
    case inet_proto:
    case icmp_type:
    case icmpv6_type:
    case icmp_code:
    case icmpv6_code:
    case tcp_flag:
    case pkt_type:
    case ct_dir:
    case dscp:
    case boolean:
        return 1;
    case ether_type:
    case arp_op:
    case inet_service:
        return 2;
    case ipv4_addr:
    case mark:
    case iface_index:
    case uid:
    case gid:
    case ct_state:
        return 4;
    case ether_addr:
        return 6;
    case ipv6_addr:
    case ifname:
        return 16;
    default:
        return 0;
    }
}

bool is_interface_name(unsigned datatype) {
    return datatype == ifname;
}

Texts value_texts(unsigned datatype, Bytes bytes, bool in_ranges,
                  const std::map<std::uint32_t, std::string>& interfaces) {
    const std::size_t size = datatype_size(datatype);
    if (size != 0 && size != bytes.size())
        return {};
    const std::uint64_t value = number(bytes, true);
    switch (datatype) {
    case ipv4_addr:
        return {address_text(AF_INET, bytes.data())};
    case ipv6_addr:
        return {address_text(AF_INET6, bytes.data())};
    case ether_addr:
        return {fmt::format("{:02x}", fmt::join(bytes, ":"))};
    case ifname:
        return {interface_name(bytes)};
    case ether_type: {
        Texts out = with_names(value, ether_type_names);
        out.push_back(fmt::format("{:#06x}", value));
        return out;
    }
    case inet_service:
        return {std::to_string(value)};
    case inet_proto:
        return with_names(value, inet_proto_names);
    case icmp_type:
        return with_names(value, icmp_type_names);
    case icmpv6_type:
        return with_names(value, icmpv6_type_names);
    case arp_op:
        return with_names(value, arp_op_names);
    case nfproto:
        return with_names(value, nfproto_names);
    case ct_dir:
        return with_names(value, ct_dir_names);
    case pkt_type:
        return with_names(value, pkt_type_names);
    case boolean:
        return with_names(value, boolean_names);
    case tcp_flag:
        return with_bits(value, tcp_flag_bits, 2);
    case icmp_code:
    case icmpv6_code:
    case dscp:
        return {std::to_string(value), fmt::format("0x{:02x}", value)};
    case mark:
    case iface_index:
    case uid:
    case gid:
    case ct_state:
        return of_this_machine(datatype, bytes, number(bytes, in_ranges), interfaces);
    case integer:
        // The order depends on the expression; the caller refuses where both are listed.
        return {std::to_string(value), fmt::format("{:#x}", value),
                std::to_string(number(bytes, false)), fmt::format("{:#x}", number(bytes, false))};
    default:
        return {};
    }
}

} // namespace nflab::nfverdict

// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/keys.hpp"

// The names of fields are those of harness/packet/fields.cpp.
namespace nflab::scenario {

namespace {

constexpr long most8 = 255;
constexpr long most16 = 65'535;
constexpr long most32 = 4'294'967'295;

constexpr std::string_view bad[] = {"bad"};
constexpr std::string_view operations[] = {"request", "reply"};
constexpr std::string_view types[] = {"echo-reply", "unreachable",    "redirect",
                                      "echo",       "time-exceeded",  "parameter-problem",
                                      "timestamp",  "timestamp-reply"};
constexpr std::string_view types6[] = {
    "unreachable", "too-big",        "time-exceeded", "parameter-problem", "echo",
    "echo-reply",  "router-solicit", "router-advert", "neighbour-solicit", "neighbour-advert"};

constexpr Key number(std::string_view name, std::string_view about, long most) {
    return {.name = name, .shape = Shape::integer, .about = about, .maximum = most};
}

constexpr Key flag(std::string_view name, std::string_view about) {
    return {.name = name, .shape = Shape::boolean, .about = about};
}

constexpr Key text(std::string_view name, std::string_view about) {
    return {.name = name, .shape = Shape::text, .about = about};
}

constexpr Key word_or_number(std::string_view name, std::string_view about, long most,
                             std::span<const std::string_view> words) {
    return {.name = name,
            .shape = Shape::integer_or_choice,
            .about = about,
            .maximum = most,
            .choices = words};
}

constexpr Key checksum =
    word_or_number("checksum", "The right one without it; `bad`: a wrong one.", most16, bad);

constexpr Key ethernet_keys[] = {
    text("source", "MAC address; without it, the interface's own."),
    text("destination", "MAC address; without it, that of the next hop, which the node's kernel "
                        "looks up."),
    number("type", "EtherType; without it, that of what follows.", most16),
    number("vlan", "Puts an 802.1Q tag in front: identifier, and priority above its 12 bits.",
           most16),
};

constexpr Key arp_keys[] = {
    word_or_number("operation", "request (without it), reply, or a number.", most16, operations),
    text("sender_mac", "Hardware address of the sender; without it, the interface's own."),
    text("sender", "IPv4 address or node; without it, the sending node's."),
    text("target_mac", "Hardware address of the target; without it, zeros."),
    text("target", "IPv4 address or node; without it, what is sent to."),
    number("hardware", "Kind of hardware addresses; 1 (Ethernet) without it.", most16),
    number("protocol", "Kind of protocol addresses; 2048 (IPv4) without it.", most16),
    number("hardware_size", "6 without it.", most8),
    number("protocol_size", "4 without it.", most8),
};

constexpr Key ip_keys[] = {
    text("source", "Address or node, its own or not; without it, what the node's routes choose."),
    text("destination", "Address or node in the header; without it, what is sent to."),
    number("ttl", "64 without it.", most8),
    number("dscp", "0 without it.", 63),
    number("ecn", "0 without it.", 3),
    number("id", "Identification of the first packet; chosen without it. Later ones count up.",
           most16),
    flag("df", "Don't fragment."),
    flag("mf", "More fragments, though it is not cut up."),
    flag("reserved", "The bit that RFC 791 wants to be 0."),
    number("offset", "Fragment offset in bytes, a multiple of 8, though it is not cut up.", 65'528),
    number("protocol", "Without it, that of what follows; 59 if nothing does.", most8),
    number("version", "4 without it.", 15),
    number("header_length", "Bytes, a multiple of 4; the right number without it.", 60),
    number("length", "Of the whole packet; the right number without it.", most16),
    text("options", "Hexadecimal; padded with zeros to 4 bytes. At most 40."),
    checksum,
};

constexpr Key ipv6_keys[] = {
    text("source", "Address or node, its own or not; without it, what the node's routes choose."),
    text("destination", "Address or node in the header; without it, what is sent to."),
    number("hop_limit", "64 without it.", most8),
    number("dscp", "0 without it.", 63),
    number("ecn", "0 without it.", 3),
    number("flow_label", "0 without it.", 1'048'575),
    number("next_header", "Without it, that of what follows; 59 if nothing does.", most8),
    number("version", "6 without it.", 15),
    number("length", "Of what follows the header; the right number without it.", most16),
    text("extensions", "Extension headers, hexadecimal, the last of which says what follows; "
                       "`next_header` says which is the first."),
};

constexpr Key icmp_keys[] = {
    word_or_number("type", "A name or a number; echo without it.", most8, types),
    number("code", "0 without it.", most8),
    number("id", "Of an echo; chosen without it.", most16),
    number("sequence", "Of the first echo; 1 without it. Later ones count up.", most16),
    number("mtu", "Of `unreachable` with code 4.", most16),
    checksum,
};

constexpr Key icmpv6_keys[] = {
    word_or_number("type", "A name or a number; echo without it.", most8, types6),
    number("code", "0 without it.", most8),
    number("id", "Of an echo; chosen without it.", most16),
    number("sequence", "Of the first echo; 1 without it. Later ones count up.", most16),
    number("mtu", "Of `too-big`.", most32),
    checksum,
};

constexpr Key tcp_keys[] = {
    number("source_port", "Chosen without it; later packets count up.", most16),
    number("port", "Destination port; 0 without it.", most16),
    {.name = "flags",
     .shape = Shape::texts,
     .about = "Any of fin, syn, rst, psh, ack, urg, ece, cwr, or none; syn without it."},
    number("sequence", "Chosen without it.", most32),
    number("acknowledgement", "0 without it.", most32),
    number("window", "64240 without it.", most16),
    number("urgent", "Pointer; 0 without it.", most16),
    number("header_length", "Bytes, a multiple of 4; the right number without it.", 60),
    number("reserved", "4 bits; 0 without it.", 15),
    text("options", "Hexadecimal; padded with zeros to 4 bytes. At most 40."),
    checksum,
};

constexpr Key udp_keys[] = {
    number("source_port", "Chosen without it; later packets count up.", most16),
    number("port", "Destination port; 0 without it.", most16),
    number("length", "The right number without it.", most16),
    checksum,
};

constexpr Key sctp_keys[] = {
    number("source_port", "Chosen without it; later packets count up.", most16),
    number("port", "Destination port; 0 without it.", most16),
    number("tag", "Verification tag; 0 without it, as in an INIT.", most32),
    text("chunks", "Hexadecimal; an INIT without it."),
    word_or_number("checksum", "The right one without it; `bad`: a wrong one.", most32, bad),
};

constexpr Key piece_keys[] = {
    {.name = "from",
     .shape = Shape::integer,
     .required = true,
     .about = "First byte of it, counted behind the IP header.",
     .maximum = most16},
    {.name = "size",
     .shape = Shape::integer,
     .about = "Bytes; up to the end without it.",
     .minimum = 1,
     .maximum = most16},
    number("offset", "What its header says, in bytes, a multiple of 8; `from` without it.", 65'528),
    flag("more", "Whether its header says that more follow; right without it."),
};

constexpr Key raw_keys[] = {
    {.name = "to",
     .shape = Shape::text,
     .required = true,
     .about = "The node or address that it is sent to: what is looked up in the node's routes."},
    {.name = "ethernet",
     .shape = Shape::object,
     .about = "Fields of the link layer.",
     .object = &ethernet_object},
    {.name = "arp", .shape = Shape::object, .about = "An ARP packet.", .object = &arp_object},
    {.name = "ip", .shape = Shape::object, .about = "Fields of IPv4.", .object = &ip_object},
    {.name = "ipv6", .shape = Shape::object, .about = "Fields of IPv6.", .object = &ipv6_object},
    {.name = "icmp", .shape = Shape::object, .about = "ICMP.", .object = &icmp_object},
    {.name = "icmpv6", .shape = Shape::object, .about = "ICMPv6.", .object = &icmpv6_object},
    {.name = "tcp", .shape = Shape::object, .about = "TCP.", .object = &tcp_object},
    {.name = "udp", .shape = Shape::object, .about = "UDP.", .object = &udp_object},
    {.name = "sctp", .shape = Shape::object, .about = "SCTP.", .object = &sctp_object},
    text("payload", "Text behind the headers; without it and `payload_hex`, ours of `size` bytes."),
    text("payload_hex", "The same, hexadecimal."),
    text("hex", "The whole packet from its IP header on, hexadecimal, instead of any header."),
    {.name = "fragment_size",
     .shape = Shape::integer,
     .about = "Cuts the packet into fragments with so many bytes behind the IP header, a multiple "
              "of 8.",
     .minimum = 8,
     .maximum = 65'528},
    {.name = "fragments",
     .shape = Shape::object_list,
     .about = "Cuts the packet into these, sent in this order; they may overlap or leave holes.",
     .object = &piece_object},
    text("interface", "That it leaves by; without it, that of the route."),
};

} // namespace

const Object ethernet_object = {"ethernet", "an Ethernet header", "Fields of the link layer.",
                                ethernet_keys};
const Object arp_object = {"arp", "an ARP packet", "ARP for IPv4.", arp_keys};
const Object ip_object = {"ip", "an IPv4 header", "Fields of IPv4.", ip_keys};
const Object ipv6_object = {"ipv6", "an IPv6 header", "Fields of IPv6.", ipv6_keys};
const Object icmp_object = {"icmp", "an ICMP header", "Fields of ICMP.", icmp_keys};
const Object icmpv6_object = {"icmpv6", "an ICMPv6 header", "Fields of ICMPv6.", icmpv6_keys};
const Object tcp_object = {"tcp", "a TCP header", "Fields of TCP.", tcp_keys};
const Object udp_object = {"udp", "a UDP header", "Fields of UDP.", udp_keys};
const Object sctp_object = {"sctp", "an SCTP header", "Fields of SCTP.", sctp_keys};
const Object piece_object = {"fragment", "a fragment", "One fragment of a packet.", piece_keys};
const Object raw_object = {"raw", "a raw packet",
                           "A packet header by header; what is not written is as in a sound one.",
                           raw_keys};

} // namespace nflab::scenario

// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/packet/fields.hpp"

namespace nflab::packet {
namespace {

constexpr NumberField ethernet_numbers[] = {{"type", 96, 16}};
constexpr BytesField ethernet_addresses[] = {{"destination", 0, 6}, {"source", 6, 6}};

constexpr NumberField arp_numbers[] = {{"hardware", 0, 16},
                                       {"protocol", 16, 16},
                                       {"hardware_size", 32, 8},
                                       {"protocol_size", 40, 8},
                                       {"operation", 48, 16}};
constexpr BytesField arp_addresses[] = {
    {"sender_mac", 8, 6}, {"sender", 14, 4}, {"target_mac", 18, 6}, {"target", 24, 4}};

constexpr NumberField ipv4_numbers[] = {{"version", 0, 4},   {"header_length", 4, 4, 4},
                                        {"dscp", 8, 6},      {"ecn", 14, 2},
                                        {"length", 16, 16},  {"id", 32, 16},
                                        {"reserved", 48, 1}, {"df", 49, 1},
                                        {"mf", 50, 1},       {"offset", 51, 13, 8},
                                        {"ttl", 64, 8},      {"protocol", 72, 8},
                                        {"checksum", 80, 16}};
constexpr BytesField ipv4_addresses[] = {{"source", 12, 4}, {"destination", 16, 4}};

constexpr NumberField ipv6_numbers[] = {
    {"version", 0, 4},  {"dscp", 4, 6},         {"ecn", 10, 2},      {"flow_label", 12, 20},
    {"length", 32, 16}, {"next_header", 48, 8}, {"hop_limit", 56, 8}};
constexpr BytesField ipv6_addresses[] = {{"source", 8, 16}, {"destination", 24, 16}};

constexpr NumberField icmp_numbers[] = {{"type", 0, 8}, {"code", 8, 8},       {"checksum", 16, 16},
                                        {"id", 32, 16}, {"sequence", 48, 16}, {"mtu", 48, 16}};
constexpr NumberField icmpv6_numbers[] = {{"type", 0, 8},       {"code", 8, 8},
                                          {"checksum", 16, 16}, {"id", 32, 16},
                                          {"sequence", 48, 16}, {"mtu", 32, 32}};

constexpr NumberField tcp_numbers[] = {{"source_port", 0, 16},      {"port", 16, 16},
                                       {"sequence", 32, 32},        {"acknowledgement", 64, 32},
                                       {"header_length", 96, 4, 4}, {"reserved", 100, 4},
                                       {"flags", 104, 8},           {"window", 112, 16},
                                       {"checksum", 128, 16},       {"urgent", 144, 16}};

constexpr NumberField udp_numbers[] = {
    {"source_port", 0, 16}, {"port", 16, 16}, {"length", 32, 16}, {"checksum", 48, 16}};

constexpr NumberField sctp_numbers[] = {
    {"source_port", 0, 16}, {"port", 16, 16}, {"tag", 32, 32}, {"checksum", 64, 32}};

constexpr HeaderShape shapes[] = {
    {14, ethernet_numbers, ethernet_addresses}, // in the order of Header
    {28, arp_numbers, arp_addresses},
    {20, ipv4_numbers, ipv4_addresses},
    {40, ipv6_numbers, ipv6_addresses},
    {8, icmp_numbers, {}},
    {8, icmpv6_numbers, {}},
    {20, tcp_numbers, {}},
    {8, udp_numbers, {}},
    {12, sctp_numbers, {}},
};

} // namespace

const HeaderShape& shape_of(Header header) {
    return shapes[static_cast<std::size_t>(header)];
}

} // namespace nflab::packet

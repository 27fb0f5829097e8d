// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/pcap/filter_words.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace nflab::pcap {
namespace {

// pcap-filter(7), in the order of the alphabet.
constexpr std::array language = {
    "action",
    "addr1",
    "addr2",
    "ah",
    "and",
    "arp",
    "broadcast",
    "carp",
    "dir",
    "dst",
    "encap",
    "esp",
    "ether",
    "fddi",
    "gateway",
    "geneve",
    "greater",
    "host",
    "icmp",
    "icmp-echo",
    "icmp-echoreply",
    "icmp-timxceed",
    "icmp-unreach",
    "icmp6",
    "icmp6-echo",
    "icmp6-echoreply",
    "icmpcode",
    "icmptype",
    "icmp6code",
    "icmp6type",
    "ifindex",
    "ifname",
    "igmp",
    "igrp",
    "in",
    "inbound",
    "ip",
    "ip6",
    "len",
    "less",
    "link",
    "mask",
    "mpls",
    "multicast",
    "net",
    "not",
    "on",
    "or",
    "outbound",
    "pim",
    "port",
    "portrange",
    "ppp",
    "pppoed",
    "pppoes",
    "proto",
    "protochain",
    "rarp",
    "reason",
    "reset",
    "rnr",
    "rset",
    "sctp",
    "src",
    "stp",
    "tcp",
    "tcp-ack",
    "tcp-cwr",
    "tcp-ece",
    "tcp-fin",
    "tcp-push",
    "tcp-rst",
    "tcp-syn",
    "tcp-urg",
    "tcpflags",
    "type",
    "udp",
    "vlan",
    "vrrp",
    "wlan",
};

bool is_word_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_' || c == ':' || c == '/';
}

bool is_number_or_address(const std::string& word) {
    const bool hexadecimal = word.find(':') != std::string::npos || word.rfind("0x", 0) == 0;
    return std::all_of(word.begin(), word.end(), [hexadecimal](char c) {
        const bool hex = (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == 'x';
        return (c >= '0' && c <= '9') || c == '.' || c == ':' || c == '/' || c == '-' ||
               (hexadecimal && hex);
    });
}

bool is_of_the_language(const std::string& word) {
    return std::find(language.begin(), language.end(), word) != language.end();
}

// What follows these is a port, a protocol, or an interface: no name server is asked for it.
bool takes_a_name(const std::string& word) {
    return word == "port" || word == "portrange" || word == "ifname" || word == "on" ||
           word == "proto";
}

} // namespace

Words replace_names(
    std::string_view expression,
    const std::function<std::optional<std::string>(const std::string&)>& address_of) {
    Words result;
    std::string before;
    for (auto at = expression.begin(); at != expression.end();) {
        if (!is_word_character(*at)) {
            result.expression += *at++;
            continue;
        }
        const auto end = std::find_if_not(at, expression.end(), is_word_character);
        const std::string word(at, end);
        at = end;
        // "tcp[13:1]" is no word with a colon, but the digits of an index are of the language.
        if (takes_a_name(before) || is_number_or_address(word) || is_of_the_language(word)) {
            result.expression += word;
        } else if (const auto address = address_of(word)) {
            result.expression += *address;
        } else if (result.unknown.empty()) {
            result.unknown = word;
        }
        before = word;
    }
    return result;
}

} // namespace nflab::pcap

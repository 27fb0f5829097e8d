// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/legacy/xt_blob.hpp"
#include "tests/catch.hpp"

#include <cctype>
#include <fstream>
#include <string>
#include <vector>

using namespace nflab::nfverdict;

namespace {

constexpr std::uint32_t none = 0xffffffff;

// Captured on Linux 6.1 with IPT_SO_GET_ENTRIES after
//   :INPUT ACCEPT, :FORWARD DROP, :OUTPUT ACCEPT, :SUB -
//   -A INPUT -p udp -m udp --dport 53 -j ACCEPT
//   -A FORWARD -p udp -m udp --dport 7 -g SUB
//   -A FORWARD -p tcp -j REJECT
//   -A FORWARD -j SUB
//   -A FORWARD
//   -A SUB -p udp -j DROP
//   -A SUB -j RETURN
constexpr XtInfo ipv4_info{0xe, {none, 0, 352, 1160, none}, {none, 200, 1008, 1160, none}};
// :FORWARD DROP, :SUB -, -A FORWARD -p udp -g SUB, -A SUB -j DROP
constexpr XtInfo ipv6_info{0xe, {none, 0, 208, 624, none}, {none, 0, 416, 624, none}};

std::vector<std::uint8_t> captured(const std::string& name) {
    std::ifstream file(std::string(NFLAB_SOURCE_DIR) + "/tests/unit/nfverdict/data/" + name);
    std::vector<std::uint8_t> bytes;
    for (std::string line; std::getline(file, line);)
        for (std::size_t i = 0; i + 1 < line.size(); i += 2)
            bytes.push_back(static_cast<std::uint8_t>(std::stoi(line.substr(i, 2), nullptr, 16)));
    REQUIRE_FALSE(bytes.empty());
    return bytes;
}

std::string say(const XtEntry& entry) {
    switch (entry.kind) {
    case XtEntry::Kind::rule:
        return entry.chain + " " + std::to_string(entry.number) + " " + entry.target;
    case XtEntry::Kind::policy:
        return entry.chain + " policy";
    case XtEntry::Kind::implicit_return:
        return entry.chain + " end";
    case XtEntry::Kind::chain_head:
        return entry.chain + " head";
    }
    return {};
}

std::vector<std::string> say(const XtEntries& entries) {
    std::vector<std::string> out;
    for (const auto& [offset, entry] : entries)
        out.push_back(say(entry));
    return out;
}

} // namespace

TEST_CASE("rules of an IPv4 table are numbered as iptables does") {
    const auto entries = decode_xt_blob(ipv4_info, captured("filter-ipv4.hex"), ipv4_format);
    CHECK(say(entries) == std::vector<std::string>{"INPUT 1 ", "INPUT policy", "FORWARD 1 ",
                                                   "FORWARD 2 REJECT", "FORWARD 3 ", "FORWARD 4 ",
                                                   "FORWARD policy", "OUTPUT policy", "SUB head",
                                                   "SUB 1 ", "SUB 2 ", "SUB end", "ERROR head"});
}

TEST_CASE("verdicts, jumps and gotos of an IPv4 table") {
    const auto entries = decode_xt_blob(ipv4_info, captured("filter-ipv4.hex"), ipv4_format);
    constexpr int accept = -2;
    constexpr int drop = -1;
    CHECK(entries.at(0).verdict == accept);
    CHECK(entries.at(1008).verdict == drop);
    const XtEntry& go = entries.at(352);
    CHECK(go.is_goto);
    const XtEntry& target = entries.at(static_cast<std::uint32_t>(go.verdict));
    CHECK(say(target) == "SUB 1 ");
    CHECK_FALSE(entries.at(200).is_goto);
    // "-A FORWARD" without a target falls through to the next entry.
    const auto fall_through = std::prev(entries.find(1008));
    CHECK(static_cast<std::uint32_t>(fall_through->second.verdict) == fall_through->second.next);
}

TEST_CASE("an IPv6 table has its own layout") {
    const auto entries = decode_xt_blob(ipv6_info, captured("filter-ipv6.hex"), ipv6_format);
    CHECK(say(entries) == std::vector<std::string>{"INPUT policy", "FORWARD 1 ", "FORWARD policy",
                                                   "OUTPUT policy", "SUB head", "SUB 1 ", "SUB end",
                                                   "ERROR head"});
    CHECK(entries.at(208).is_goto);
}

TEST_CASE("a damaged blob ends where it stops making sense") {
    auto blob = captured("filter-ipv4.hex");
    CHECK(decode_xt_blob(ipv4_info, {}, ipv4_format).empty());
    CHECK(decode_xt_blob(ipv4_info, std::span(blob).first(300), ipv4_format).size() == 1);
    blob[200 + 0x5a] = blob[200 + 0x5b] = 0;
    CHECK(decode_xt_blob(ipv4_info, blob, ipv4_format).size() == 1);
    std::fill(blob.begin(), blob.end(), std::uint8_t{0xff});
    CHECK(decode_xt_blob(ipv4_info, blob, ipv4_format).empty());
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/differential/hearing.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>

namespace nflab::witness {
namespace {

using verdict::Packet;
using verdict::Record;

std::vector<std::string> split(const std::string& text, const std::string& at) {
    std::vector<std::string> out;
    std::size_t begin = 0;
    for (std::size_t end; (end = text.find(at, begin)) != std::string::npos;
         begin = end + at.size())
        out.push_back(text.substr(begin, end - begin));
    out.push_back(text.substr(begin));
    return out;
}

unsigned number(const std::string& digits) {
    unsigned value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

// The expressions before "vmap": "th dport", which nft calls "tcp dport" where the rule has asked
// for the protocol before, or "ip daddr . meta l4proto".
std::vector<std::string> selectors(const std::string& rule) {
    const std::string before = rule.substr(0, rule.find(" vmap "));
    for (const char* name : {"ip daddr . meta l4proto", "ip6 daddr . meta l4proto"})
        if (before.ends_with(name))
            return split(name, " . ");
    return before.ends_with(" dport") ? std::vector<std::string>{"dport"}
                                      : std::vector<std::string>{};
}

bool has(const Packet& packet, const std::string& selector, const std::string& value) {
    if (selector == "dport") {
        const auto dash = value.find('-');
        const unsigned first = number(value);
        const unsigned last = dash == std::string::npos ? first : number(value.substr(dash + 1));
        return packet.destination_port >= first && packet.destination_port <= last;
    }
    if (selector == "meta l4proto")
        return value == (packet.protocol == 6 ? "tcp" : packet.protocol == 17 ? "udp" : "other");
    return packet.destination == value;
}

// The packet has the element's key, and the element's verdict is the record's.
bool fits(const Record& record) {
    const auto parts = split(record.element, " : ");
    const std::vector<std::string> keys = split(parts.front(), " . ");
    const std::vector<std::string> names = selectors(record.rule_text);
    if (parts.size() != 2 || keys.size() != names.size() || parts.back() != record.verdict)
        return false;
    for (std::size_t i = 0; i < keys.size(); ++i)
        if (!has(record.packet, names[i], keys[i]))
            return false;
    return true;
}

} // namespace

// A verdict map decides by the packet's own headers: the element that a record names must be the
// one with this key, and a rule that ends in a map must name one.
void hear_elements(Hearing& hearing, const RecordsByPacket& records) {
    for (const auto& [key, own] : records)
        for (const Record* record : own) {
            const bool map = is_nft(*record) && record->rule_kind == verdict::RuleKind::rule &&
                             record->rule_text.find(" vmap ") != std::string::npos;
            if (!map && record->element.empty())
                continue;
            if (fits(*record))
                hearing.agree(Check::element);
            else
                hearing.differ(Check::element, "nft", key, full_text(*record),
                               fmt::format("protocol {} to {} port {}", record->packet.protocol,
                                           record->packet.destination,
                                           record->packet.destination_port));
        }
}

} // namespace nflab::witness

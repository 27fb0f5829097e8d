// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/differential/evidence.hpp"

#include <charconv>
#include <map>
#include <sstream>

namespace nflab::witness {
namespace {

// The number that follows `mark`.
std::uint64_t number_after(const std::string& line, const std::string& mark) {
    std::uint64_t value = 0;
    const std::size_t at = line.find(mark);
    if (at != std::string::npos)
        if (const std::size_t digits = line.find_first_of("0123456789", at);
            digits != std::string::npos)
            std::from_chars(line.data() + digits, line.data() + line.size(), value);
    return value;
}

} // namespace

// "Chain INPUT (policy ACCEPT 3 packets, 84 bytes)" and "-j DROP -s 192.0.2.1 , pcnt=3 -- bcnt=84";
// "Bridge chain: INPUT, entries: 1, policy: ACCEPT" and "-p ARP -j DROP , pcnt = 3 -- bcnt = 84"
void read_frame_counts(const std::string& text, Engine engine, Evidence& evidence) {
    std::istringstream in(text);
    std::string table;
    std::string chain;
    std::map<std::string, std::uint64_t> numbers;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("*")) {
            table = line.substr(1);
            numbers.clear();
            continue;
        }
        RuleCount count{engine, table, chain, 0, 0, line};
        if (line.starts_with("Bridge chain: ")) {
            chain = line.substr(14, line.find(',') - 14);
            continue;
        }
        if (line.starts_with("Chain ")) {
            chain = line.substr(6, line.find(' ', 6) - 6);
            if (line.find("(policy ") == std::string::npos)
                continue;
            count.chain = chain;
            count.packets = number_after(line, "(policy ");
        } else if (line.starts_with("-") && line.find("pcnt") != std::string::npos) {
            count.rule = ++numbers[chain];
            count.packets = number_after(line, "pcnt");
        } else {
            continue;
        }
        evidence.counts.push_back(count);
    }
}

} // namespace nflab::witness

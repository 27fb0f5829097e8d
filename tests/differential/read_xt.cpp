// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/differential/evidence.hpp"

#include <fmt/format.h>

#include <charconv>
#include <sstream>

namespace nflab::witness {
namespace {

std::uint64_t number(std::string_view digits) {
    std::uint64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

} // namespace

// "t 60 4500… TRACE: filter:INPUT:rule:3 ": trace_loginfo's format in
// net/ipv4/netfilter/ip_tables.c
void read_xt_trace(const std::string& text, const Names& names, Evidence& evidence) {
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        if (line == "l")
            evidence.complaints.emplace_back("the log socket overran");
        std::istringstream words(line);
        std::string mark, hex, prefix, where;
        std::size_t size = 0;
        if (!(words >> mark >> size >> hex >> prefix >> where) || mark != "t" || prefix != "TRACE:")
            continue;
        ++evidence.oracle_lines;
        std::vector<std::string> parts;
        std::istringstream fields(where);
        for (std::string part; std::getline(fields, part, ':');)
            parts.push_back(part);
        const Seen seen = seen_in(from_hex(hex));
        if (parts.size() < 4 || Names::noise(seen))
            continue;
        XtTestimony& testimony = seen.family == 4 ? evidence.xt4 : evidence.xt6;
        testimony[names.key(seen)].push_back({parts[0], parts[1], parts[2], number(parts[3])});
    }
}

// ":INPUT ACCEPT [12:345]" and "[1:60] -A INPUT -p tcp -j DROP"
void read_xt_counts(const std::string& text, Engine engine, Evidence& evidence) {
    std::istringstream in(text);
    std::string table;
    std::map<std::string, std::uint64_t> numbers;
    for (std::string line; std::getline(in, line);) {
        if (line.empty())
            continue;
        RuleCount count;
        count.engine = engine;
        if (line[0] == '*') {
            table = line.substr(1);
            numbers.clear();
        } else if (line[0] == ':') {
            std::istringstream words(line.substr(1));
            std::string policy, counter;
            words >> count.chain >> policy >> counter;
            // The nft variants count no policies.
            if (policy == "-" || counter.size() < 2 || !is_legacy(engine))
                continue;
            count.packets = number(std::string_view(counter).substr(1));
            count.text = "policy " + policy;
        } else if (line[0] == '[') {
            std::istringstream words(line);
            std::string counter, append;
            words >> counter >> append >> count.chain;
            count.rule = ++numbers[count.chain];
            count.packets = number(std::string_view(counter).substr(1));
            count.text = line.substr(line.find("-A "));
        } else {
            continue;
        }
        if (line[0] == '*')
            continue;
        count.table = table;
        evidence.counts.push_back(count);
    }
}

// "tcp 6 119 SYN_SENT src=… dst=… sport=… dport=… [UNREPLIED] src=… dst=… sport=… dport=… mark=0"
void read_conntrack(const std::string& text, Evidence& evidence) {
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        std::istringstream words(line);
        std::string name;
        Flow way[2];
        int sources = 0;
        words >> name >> way[0].protocol;
        way[1].protocol = way[0].protocol;
        for (std::string word; words >> word;) {
            const auto equals = word.find('=');
            if (equals == std::string::npos)
                continue;
            const std::string member = word.substr(0, equals);
            const std::string value = word.substr(equals + 1);
            if (member == "src" && ++sources > 2)
                break;
            if (sources == 0)
                continue;
            Flow& flow = way[sources - 1];
            if (member == "src")
                flow.source = value;
            else if (member == "dst")
                flow.destination = value;
            else if (member == "sport" || member == "id")
                flow.source_port = static_cast<unsigned>(number(value));
            else if (member == "dport")
                flow.destination_port = static_cast<unsigned>(number(value));
        }
        if (sources >= 2)
            evidence.flows[way[0]] = way[1];
    }
}

// "cpu=0 found=3 invalid=0 insert=0 insert_failed=0 drop=0 …"
ConntrackDrops read_conntrack_drops(const std::string& text) {
    ConntrackDrops out;
    std::istringstream words(text);
    for (std::string word; words >> word;) {
        if (word.starts_with("drop="))
            out.dropped += number(std::string_view(word).substr(5));
        else if (word.starts_with("insert_failed="))
            out.insert_failed += number(std::string_view(word).substr(14));
    }
    return out;
}

} // namespace nflab::witness

// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/drops/counters.hpp"

#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

namespace nflab::nfverdict {
namespace {

std::vector<std::string> words_of(const std::string& line) {
    std::istringstream in(line);
    std::vector<std::string> out;
    for (std::string word; in >> word;)
        out.push_back(std::move(word));
    return out;
}

std::ifstream net_file(const std::string& name) {
    return std::ifstream("/proc/thread-self/net/" + name);
}

} // namespace

void parse_snmp(std::istream& in, Counters& out) {
    std::string names;
    std::string values;
    while (std::getline(in, names) && std::getline(in, values)) {
        const auto name = words_of(names);
        const auto value = words_of(values);
        for (std::size_t i = 1; i < name.size() && i < value.size(); ++i)
            out[name[0].substr(0, name[0].find(':')) + "." + name[i]] =
                std::strtoull(value[i].c_str(), nullptr, 10);
    }
}

void parse_pairs(std::istream& in, Counters& out) {
    std::string name;
    for (std::uint64_t value = 0; in >> name >> value;)
        out[name] = value;
}

void parse_per_cpu(std::istream& in, const std::string& group, Counters& out) {
    constexpr int hexadecimal = 16;
    std::string line;
    if (!std::getline(in, line))
        return;
    const auto name = words_of(line);
    while (std::getline(in, line)) {
        const auto value = words_of(line);
        for (std::size_t i = 0; i < name.size() && i < value.size(); ++i)
            out[group + "." + name[i]] += std::strtoull(value[i].c_str(), nullptr, hexadecimal);
    }
}

Counters read_counters() {
    Counters out;
    for (const char* name : {"snmp", "netstat"}) {
        std::ifstream file = net_file(name);
        parse_snmp(file, out);
    }
    for (const char* name : {"snmp6", "xfrm_stat"}) {
        std::ifstream file = net_file(name);
        parse_pairs(file, out);
    }
    for (const auto& [name, group] :
         {std::pair("stat/nf_conntrack", "conntrack"), std::pair("stat/rt_cache", "rt_cache")}) {
        std::ifstream file = net_file(name);
        parse_per_cpu(file, group, out);
    }
    return out;
}

void CounterWatch::update(Counters now) {
    for (const auto& [name, value] : now) {
        const auto before = last_.find(name);
        const std::uint64_t counted = before == last_.end() ? 0 : before->second;
        if (value != counted)
            moved_[name] += value - counted;
    }
    last_ = std::move(now);
}

std::uint64_t CounterWatch::moved(const std::string& name) const {
    const auto found = moved_.find(name);
    return found == moved_.end() ? 0 : found->second;
}

void CounterWatch::take(const std::string& name) {
    if (const auto found = moved_.find(name); found != moved_.end() && found->second > 0)
        --found->second;
}

} // namespace nflab::nfverdict

// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/words.hpp"
#include "harness/report/ruleset_text.hpp"

#include <cctype>
#include <sstream>

namespace nflab::report {
namespace {

void set_policy(TextChain& chain, const std::string& word, int line) {
    chain.policy = Lines{line, line};
    for (const char c : word)
        chain.policy_word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

} // namespace

std::vector<TextChain> iptables_chains(std::string_view text) {
    std::vector<TextChain> chains;
    std::string table;
    const auto find = [&](const std::string& name) -> TextChain& {
        for (TextChain& chain : chains)
            if (chain.table == table && chain.name == name)
                return chain;
        chains.push_back({"", table, name, {}, "", {}, false});
        return chains.back();
    };
    std::istringstream in{std::string(text)};
    int number = 0;
    for (std::string raw; std::getline(in, raw);) {
        ++number;
        std::string line = join_words(split_words(raw));
        // Counters: "[3:252] -A FORWARD …"
        if (line.starts_with("[") && line.find("] ") != std::string::npos)
            line = line.substr(line.find("] ") + 2);
        const std::size_t blank = line.find(' ');
        const std::string second =
            blank == std::string::npos
                ? ""
                : line.substr(blank + 1, line.find(' ', blank + 1) - blank - 1);
        if (line.starts_with("*"))
            table = line.substr(1);
        else if (line.starts_with(":") && blank != std::string::npos)
            set_policy(find(line.substr(1, blank - 1)), second, number);
        else if (line.starts_with("-A ") || line.starts_with("--append "))
            find(second).rules.push_back({line, {number, number}, 0});
        else if (line.starts_with("-") && !second.empty() && !line.starts_with("-N "))
            find(second).disordered = true;
    }
    return chains;
}

} // namespace nflab::report

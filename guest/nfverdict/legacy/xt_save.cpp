// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/legacy/xt_save.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace nflab::nfverdict {

namespace {

std::string_view take_line(std::string_view& text) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
}

void remove(std::string& text, std::string_view part) {
    if (const auto at = text.find(part); at != std::string::npos)
        text.erase(at, part.size());
}

} // namespace

XtSave parse_chain_listing(std::string_view text) {
    // "Chain INPUT (policy ACCEPT 0 packets, 0 bytes)", "Bridge chain: INPUT, entries: 0, …"
    constexpr std::string_view arp_chain = "Chain ";
    constexpr std::string_view bridge_chain = "Bridge chain: ";
    constexpr std::string_view bridge_table = "Bridge table: ";
    XtSave save;
    std::string chain;
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        if (line.starts_with(arp_chain)) {
            chain = line.substr(arp_chain.size(), line.find(" (") - arp_chain.size());
        } else if (line.starts_with(bridge_chain)) {
            chain = line.substr(bridge_chain.size(), line.find(',') - bridge_chain.size());
        } else if (!line.empty() && !chain.empty() && !line.starts_with(bridge_table)) {
            std::string rule(line.substr(0, line.find(" , pcnt=")));
            remove(rule, " -i *");
            remove(rule, " -o *");
            rule.erase(rule.find_last_not_of(' ') + 1);
            save[chain].push_back(fmt::format("-A {} {}", chain, rule));
        }
    }
    return save;
}

XtSave parse_xt_save(std::string_view text) {
    constexpr std::string_view append = "-A ";
    XtSave save;
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        if (!line.starts_with(append))
            continue;
        const std::string_view rest = line.substr(append.size());
        save[std::string(rest.substr(0, rest.find(' ')))].emplace_back(line);
    }
    return save;
}

std::string xt_comment(std::string_view rule) {
    constexpr std::string_view option = "--comment ";
    const auto at = rule.find(option);
    if (at == std::string_view::npos)
        return {};
    rule.remove_prefix(at + option.size());
    if (!rule.starts_with('"'))
        return std::string(rule.substr(0, rule.find(' ')));
    std::string comment;
    for (std::size_t i = 1; i < rule.size() && rule[i] != '"'; ++i) {
        if (rule[i] == '\\' && i + 1 < rule.size())
            ++i;
        comment += rule[i];
    }
    return comment;
}

} // namespace nflab::nfverdict

// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/xt_save.hpp"

#include <algorithm>

namespace nflab::nfverdict {

XtSave parse_xt_save(std::string_view text) {
    constexpr std::string_view append = "-A ";
    XtSave save;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
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

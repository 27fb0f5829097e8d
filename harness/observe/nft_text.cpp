// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/observe/nft_text.hpp"

#include "harness/observe/words.hpp"

#include <algorithm>
#include <charconv>
#include <regex>

namespace nflab::observe {
namespace {

/// The same text with what is quoted blanked out, so that words are found outside of quotes only.
std::string unquoted(std::string_view text) {
    std::string result(text);
    bool inside = false;
    for (char& c : result) {
        if (c == '"')
            inside = !inside;
        else if (inside)
            c = '_';
    }
    return result;
}

// nft's comments end the rule; iptables' nft variants make them in the same way.
std::string comment_of(const std::string& rule) {
    const std::string bare = unquoted(rule);
    const auto at = bare.rfind("comment \"");
    if (at == std::string::npos)
        return {};
    const auto begin = at + std::string_view("comment \"").size();
    return rule.substr(begin, bare.find('"', begin) - begin);
}

std::optional<std::uint64_t> handle_of(const std::string& line) {
    constexpr std::string_view mark = "# handle ";
    const auto at = unquoted(line).rfind(mark);
    if (at == std::string::npos)
        return std::nullopt;
    std::uint64_t handle = 0;
    const char* begin = line.data() + at + mark.size();
    const char* end = line.data() + line.size();
    const auto [stop, error] = std::from_chars(begin, end, handle);
    return error == std::errc{} && stop == end ? std::optional(handle) : std::nullopt;
}

/// How many more braces are opened than closed.
int depth_of(const std::string& line) {
    const std::string bare = unquoted(line);
    return static_cast<int>(std::count(bare.begin(), bare.end(), '{') -
                            std::count(bare.begin(), bare.end(), '}'));
}

} // namespace

std::optional<Counted> counted_in(std::string_view text) {
    static const std::regex numbers("packets ([0-9]+) bytes ([0-9]+)");
    const std::string bare = unquoted(text);
    std::smatch match;
    if (!std::regex_search(bare, match, numbers))
        return std::nullopt;
    return Counted{std::stoull(match[1]), std::stoull(match[2])};
}

std::string stateless(std::string_view text) {
    static const std::regex counters("(^| )packets [0-9]+ bytes [0-9]+");
    static const std::regex used(" used [0-9]+ [kmg]?bytes");
    static const std::regex expires(" expires [0-9dhms]+");
    std::string result = std::regex_replace(std::string(text), counters, "");
    result = std::regex_replace(result, used, "");
    return std::regex_replace(result, expires, "");
}

std::vector<NftRule> nft_rules(std::string_view listing) {
    std::vector<NftRule> rules;
    std::string pending;
    int depth = 0; // within: 1 in the table, 2 in the chain
    for (const std::string& line : lines_of(listing)) {
        const int before = depth;
        depth += depth_of(line);
        if (before < 2 || (before == 2 && depth < 2 && pending.empty()))
            continue;
        pending += (pending.empty() ? "" : " ") + line;
        if (depth > 2)
            continue; // a set that goes on in the next line
        const auto handle = handle_of(pending);
        const bool head = pending.rfind("type ", 0) == 0 || pending.rfind("comment ", 0) == 0 ||
                          pending.rfind("policy ", 0) == 0;
        if (handle || !head) {
            NftRule rule;
            rule.handle = handle.value_or(0);
            rule.counted = counted_in(pending);
            rule.comment = comment_of(pending);
            rule.text = handle ? pending.substr(0, pending.rfind("# handle ")) : pending;
            rule.text = collapsed(stateless(rule.text));
            rules.push_back(std::move(rule));
        }
        pending.clear();
    }
    return rules;
}

std::vector<std::string> nft_elements(std::string_view listing) {
    const std::string bare = unquoted(listing);
    const auto start = bare.find("elements = {");
    std::vector<std::string> elements;
    if (start == std::string::npos)
        return elements;
    const auto begin = bare.find('{', start) + 1;
    const auto end = bare.find('}', begin);
    for (std::size_t at = begin; at < end;) {
        const auto comma = std::min(bare.find(',', at), end);
        if (auto text = collapsed(listing.substr(at, comma - at)); !text.empty())
            elements.push_back(std::move(text));
        at = comma + 1;
    }
    return elements;
}

} // namespace nflab::observe

// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/observe/finding.hpp"
#include "harness/observe/nft_text.hpp"
#include "harness/observe/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

namespace nflab::observe {
namespace {

using scenario::Contents;

bool is_set(const Contents& wanted) {
    return wanted.engine == "set" || wanted.engine == "ipset";
}

std::string name_of(const Contents& wanted) {
    std::string text = wanted.engine;
    for (const std::string& part : {wanted.family, wanted.table, wanted.object})
        if (!part.empty())
            text += " " + part;
    return text;
}

// All lines of a table but those that only close what another has opened.
std::vector<std::string> nft_lines(std::string_view text) {
    std::vector<std::string> result;
    for (const std::string& line : lines_of(text))
        if (line != "}")
            result.push_back(collapsed(stateless(line)));
    return result;
}

std::vector<std::string> nft_chain(std::string_view text) {
    std::vector<std::string> result;
    for (const NftRule& rule : nft_rules(text))
        result.push_back(rule.text);
    return result;
}

// What a save program prints of one table, and one chain of it.
std::optional<std::vector<std::string>> saved(const Contents& wanted, std::string_view text) {
    static const std::regex counters(R"( ?\[[0-9]+:[0-9]+\] ?)");
    bool inside = false;
    bool found = false;
    std::vector<std::string> result;
    for (const std::string& line : lines_of(text)) {
        if (line.front() == '*') {
            inside = line.substr(1) == wanted.table;
            found |= inside && wanted.object.empty();
        } else if (inside && line.front() != '#' && line != "COMMIT") {
            const std::string rule = std::regex_replace(line, counters, "");
            const bool own = rule.rfind(":" + wanted.object + " ", 0) == 0 ||
                             rule.rfind("-A " + wanted.object + " ", 0) == 0 ||
                             rule == "-A " + wanted.object;
            if (wanted.object.empty() || own)
                result.push_back(rule);
            found |= own;
        }
    }
    return found ? std::optional(result) : std::nullopt;
}

// "Chain INPUT (policy ACCEPT)" or "Bridge chain: INPUT, entries: 1, policy: ACCEPT", and below it
// the rules.
std::optional<std::vector<std::string>> listed(const Contents& wanted, std::string_view text) {
    static const std::regex head(R"(^(?:Bridge chain: ([^,]+),|Chain (\S+) ).*)");
    std::vector<std::string> result;
    bool inside = wanted.object.empty();
    bool found = false;
    for (const std::string& line : lines_of(text)) {
        std::smatch match;
        if (std::regex_match(line, match, head)) {
            inside =
                wanted.object.empty() || match[1] == wanted.object || match[2] == wanted.object;
            found |= inside;
        }
        if (inside)
            result.push_back(collapsed(line));
    }
    return found ? std::optional(result) : std::nullopt;
}

std::vector<std::string> members(std::string_view text) {
    std::vector<std::string> result;
    for (const std::string& line : lines_of(text)) {
        constexpr std::string_view add = "add ";
        if (line.rfind(add, 0) != 0)
            continue;
        const auto name_end = line.find(' ', add.size());
        if (name_end != std::string::npos)
            result.push_back(line.substr(name_end + 1));
    }
    return result;
}

std::optional<std::vector<std::string>> entries_of(const Contents& wanted,
                                                   const std::string& text) {
    if (wanted.engine == "set")
        return nft_elements(text);
    if (wanted.engine == "ipset")
        return members(text);
    if (wanted.engine == "nft")
        return wanted.object.empty() ? nft_lines(text) : nft_chain(text);
    return wanted.engine == "arptables" || wanted.engine == "ebtables" ? listed(wanted, text)
                                                                       : saved(wanted, text);
}

// A rule is meant by any part of it; an element by all of its key, with or without what follows:
// a time left, a comment, what a map maps it to.
bool is_meant(const Contents& wanted, const std::string& text, const std::string& entry) {
    if (!is_set(wanted))
        return entry.find(text) != std::string::npos;
    return entry == text || stateless(entry) == text || entry.rfind(text + " ", 0) == 0;
}

std::vector<std::string> lines_of_all(const Contents& wanted) {
    std::vector<std::string> lines;
    for (const std::string& text : *wanted.equals)
        for (const std::string& line : lines_of(text))
            if (line != "}")
                lines.push_back(collapsed(stateless(line)));
    return lines;
}

// In which order a set shows its elements is the kernel's affair.
bool is_equal(const Contents& wanted, const std::vector<std::string>& entries) {
    auto asked = lines_of_all(wanted);
    auto there = entries;
    if (is_set(wanted)) {
        std::sort(asked.begin(), asked.end());
        std::sort(there.begin(), there.end());
    }
    return std::equal(asked.begin(), asked.end(), there.begin(), there.end(),
                      [&](const std::string& text, const std::string& entry) {
                          return is_set(wanted) ? is_meant(wanted, text, entry) : text == entry;
                      });
}

std::string in_words(const Contents& wanted, std::optional<int> count) {
    std::string text = name_of(wanted);
    const char* between = " has ";
    const auto say = [&](const std::string& words) {
        text += between + words;
        between = ", ";
    };
    if (wanted.equals)
        say(fmt::format("exactly: {}", some_of(lines_of_all(wanted), "")));
    for (const std::string& each : wanted.has)
        say(fmt::format("\"{}\"", each));
    for (const std::string& each : wanted.lacks)
        say(fmt::format("no \"{}\"", each));
    if (count)
        say(how_many(static_cast<std::size_t>(*count), is_set(wanted) ? "element" : "line"));
    return text;
}

std::string fault(const Contents& wanted, const std::vector<std::string>& entries,
                  std::optional<int> count) {
    const auto there = [&](const std::string& text) {
        return std::any_of(entries.begin(), entries.end(), [&](const std::string& entry) {
            return is_meant(wanted, collapsed(text), entry);
        });
    };
    for (const std::string& text : wanted.has)
        if (!there(text))
            return fmt::format("no \"{}\"", text);
    for (const std::string& text : wanted.lacks)
        if (there(text))
            return fmt::format("there is \"{}\"", text);
    if (wanted.equals && !is_equal(wanted, entries))
        return "something else";
    if (count && entries.size() != static_cast<std::size_t>(*count))
        return how_many(entries.size(), is_set(wanted) ? "element" : "line");
    return {};
}

} // namespace

Look look_at(const Contents& wanted) {
    // Asked for by name, a legacy table that is not there is made.
    constexpr const char* arp = R"(grep -qx -e "$1" /proc/net/arp_tables_names 2>/dev/null ||
{ echo "there is no arptables table $1" >&2; exit 1; }
arptables-legacy -t "$1" -nL)";
    constexpr const char* bridge = R"([ -e "/sys/module/ebtable_$1" ] ||
{ echo "there is no ebtables table $1" >&2; exit 1; }
ebtables-legacy -t "$1" -L)";
    if (wanted.engine == "nft") {
        Look look{{"nft", "-s", "list", wanted.object.empty() ? "table" : "chain", wanted.family,
                   wanted.table}};
        if (!wanted.object.empty())
            look.argv.push_back(wanted.object);
        return look;
    }
    // One program lists sets and maps, each by its own word.
    if (wanted.engine == "set")
        return {{"bash", "-c", R"(nft list set "$@" 2>/dev/null || nft list map "$@")", "nft",
                 wanted.family, wanted.table, wanted.object}};
    if (wanted.engine == "ipset")
        return {{"ipset", "save", wanted.object}};
    if (wanted.engine == "arptables")
        return {{"bash", "-c", arp, "arptables", wanted.table}};
    if (wanted.engine == "ebtables")
        return {{"bash", "-c", bridge, "ebtables", wanted.table}};
    if (wanted.engine.ends_with("-nft"))
        return {{wanted.engine + "-save", "-t", wanted.table}};
    return {{wanted.engine + "-legacy-save"}};
}

Finding examine(const Contents& wanted, const Answer& now, std::optional<int> count) {
    Finding finding;
    finding.expected = in_words(wanted, count);
    if (const std::string why = failure(now); !why.empty()) {
        finding.seen = "it cannot be listed: " + why;
        return finding;
    }
    const auto entries = entries_of(wanted, now.out);
    if (!entries) {
        finding.seen = fmt::format("there is no {}", name_of(wanted));
        return finding;
    }
    const std::string other = fault(wanted, *entries, count);
    finding.holds = other.empty() ? Finding::Holds::yes : Finding::Holds::no;
    finding.seen = fmt::format(
        "{}{}", other.empty() ? "" : other + "; there is: ", some_of(*entries, "nothing"));
    return finding;
}

} // namespace nflab::observe

// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/observe/conntrack_table.hpp"

#include "harness/observe/finding.hpp"
#include "harness/observe/words.hpp"
#include "harness/scenario/address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>
#include <utility>

namespace nflab::observe {
namespace {

using scenario::ConntrackEntry;

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.begin(), text.end(), value);
    return error == std::errc{} && end == text.end() ? std::optional(value) : std::nullopt;
}

std::string shortest(const std::string& text) {
    const auto address = scenario::Address::parse(text);
    return address ? address->text() : text;
}

bool contains(const std::vector<std::string>& list, const std::string& item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

std::string lowered(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : static_cast<char>(c);
    });
    return text;
}

/// One thing that an entry must be like.
struct Trait {
    bool good;
    std::string wanted;
};

// In the order in which they tell entries apart best.
std::vector<Trait> traits(const ConntrackEntry& wanted, const ConntrackLine& entry) {
    std::vector<Trait> all;
    const auto one = [&](bool asked, bool good, std::string words) {
        if (asked)
            all.push_back({good, std::move(words)});
    };
    const auto host = [&](const char* name, const std::vector<std::string>& hosts,
                          const std::string& seen) {
        one(!hosts.empty(), contains(hosts, seen),
            hosts.empty() ? "" : fmt::format("{} {}", name, some_of(hosts, "")));
    };
    const auto port = [&](const char* name, std::optional<int> asked, std::optional<int> seen) {
        one(asked.has_value(), asked == seen, fmt::format("{} {}", name, asked.value_or(0)));
    };
    const auto range = [&](const char* name, const std::optional<scenario::Range>& asked,
                           std::optional<std::uint64_t> seen) {
        one(asked.has_value(), asked && seen && asked->contains(*seen),
            asked ? fmt::format("{} {}", name, asked->text) : "");
    };
    one(!wanted.protocol.empty(), wanted.protocol == entry.protocol, wanted.protocol);
    host("from", wanted.from, entry.original.source);
    host("to", wanted.to, entry.original.destination);
    port("sport", wanted.source_port, entry.original.source_port);
    port("dport", wanted.destination_port, entry.original.destination_port);
    host("reply_from", wanted.reply_from, entry.reply.source);
    host("reply_to", wanted.reply_to, entry.reply.destination);
    port("reply_sport", wanted.reply_source_port, entry.reply.source_port);
    port("reply_dport", wanted.reply_destination_port, entry.reply.destination_port);
    one(!wanted.state.empty(), wanted.state == entry.state, "state " + wanted.state);
    for (const std::string& status : wanted.status)
        one(true, contains(entry.status, status), status);
    range("mark", wanted.mark, entry.mark);
    range("zone", wanted.zone, entry.zone);
    range("timeout", wanted.timeout, entry.timeout);
    return all;
}

std::string in_words(const ConntrackEntry& wanted) {
    std::string text;
    for (const Trait& trait : traits(wanted, {}))
        text += (text.empty() ? " with " : ", ") + trait.wanted;
    return text;
}

} // namespace

std::optional<ConntrackLine> read_conntrack_line(std::string_view line) {
    std::istringstream stream{std::string(line)};
    ConntrackLine entry;
    std::string family;
    std::string word;
    if (!(stream >> family >> word >> entry.protocol >> word) ||
        (family != "ipv4" && family != "ipv6"))
        return std::nullopt;
    int tuples = 0;
    bool unreplied = false;
    while (stream >> word) {
        const auto equals = word.find('=');
        if (word.front() == '[') {
            const std::string status = lowered(word.substr(1, word.find(']') - 1));
            unreplied |= status == "unreplied";
            entry.status.push_back(status);
        } else if (equals == std::string::npos) {
            if (const auto seconds = number(word); seconds && !entry.timeout)
                entry.timeout = seconds;
            else
                entry.state = word;
        } else {
            const std::string key = word.substr(0, equals);
            const std::string value = word.substr(equals + 1);
            tuples += key == "src" ? 1 : 0;
            ConntrackTuple& tuple = tuples < 2 ? entry.original : entry.reply;
            if (key == "src")
                tuple.source = shortest(value);
            else if (key == "dst")
                tuple.destination = shortest(value);
            else if (key == "sport")
                tuple.source_port = static_cast<int>(number(value).value_or(0));
            else if (key == "dport")
                tuple.destination_port = static_cast<int>(number(value).value_or(0));
            else if (key == "mark")
                entry.mark = number(value).value_or(0);
            else if (key.rfind("zone", 0) == 0) // zone-orig and zone-reply where only one has it
                entry.zone = number(value).value_or(0);
        }
    }
    if (tuples != 2)
        return std::nullopt;
    if (!unreplied)
        entry.status.emplace_back("replied");
    entry.text = collapsed(line);
    return entry;
}

Look look_at(const ConntrackEntry& /*wanted*/) {
    // Where conntrack is not loaded there is no entry, and asking must not load it.
    constexpr const char* script = R"(
if [ -e /proc/net/nf_conntrack ]; then cat /proc/net/nf_conntrack
elif [ -e /sys/module/nf_conntrack ]; then
    conntrack -L -f ipv4 -o extended 2>/dev/null && conntrack -L -f ipv6 -o extended 2>/dev/null
fi)";
    return {{"bash", "-c", script}};
}

Finding examine(const ConntrackEntry& wanted, const Answer& now, std::optional<int> count) {
    Finding finding;
    finding.expected = fmt::format("{} of conntrack{}",
                                   count ? how_many(static_cast<std::size_t>(*count), "entry")
                                         : "at least one entry",
                                   in_words(wanted));
    if (const std::string why = failure(now); !why.empty()) {
        finding.seen = "the table cannot be read: " + why;
        return finding;
    }
    std::vector<std::string> found;
    std::vector<std::pair<std::size_t, std::string>> others;
    for (const std::string& line : lines_of(now.out)) {
        const auto entry = read_conntrack_line(line);
        if (!entry)
            continue;
        std::string missing;
        std::size_t faults = 0;
        for (const Trait& trait : traits(wanted, *entry)) {
            if (trait.good)
                continue;
            ++faults;
            missing += (missing.empty() ? "" : ", ") + trait.wanted;
        }
        if (faults == 0)
            found.push_back(entry->text);
        else
            others.emplace_back(faults, fmt::format("{} (not: {})", entry->text, missing));
    }
    const bool good = count ? found.size() == static_cast<std::size_t>(*count) : !found.empty();
    finding.holds = good ? Finding::Holds::yes : Finding::Holds::no;
    finding.seen = how_many(found.size(), "entry");
    if (!found.empty())
        finding.seen += ": " + some_of(found, "", 3);
    if (!good && (found.empty() || (count && found.size() < static_cast<std::size_t>(*count)))) {
        std::stable_sort(others.begin(), others.end(),
                         [](const auto& a, const auto& b) { return a.first < b.first; });
        std::vector<std::string> nearest;
        nearest.reserve(others.size());
        for (auto& other : others)
            nearest.push_back(std::move(other.second));
        finding.seen += nearest.empty() ? "; the table is otherwise empty"
                                        : "; there is " + some_of(nearest, "", 2);
    }
    return finding;
}

} // namespace nflab::observe

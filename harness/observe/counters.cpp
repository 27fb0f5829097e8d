// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/observe/finding.hpp"
#include "harness/observe/nft_text.hpp"
#include "harness/observe/words.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <regex>

namespace nflab::observe {
namespace {

using scenario::CounterValue;
using scenario::Decider;
using scenario::RuleMatch;

struct Entry {
    bool policy = false;
    std::uint64_t number = 0;
    std::uint64_t handle = 0;
    std::string text;
    std::string comment;
    std::optional<Counted> counted;
};

bool is_legacy_bridge_or_arp(const Decider& rule) {
    return rule.engine == "ebtables" || rule.engine == "arptables";
}

// Save programs know no handles: nft shows those of its variants, too.
bool by_nft(const Decider& rule) {
    return rule.engine == "nft" || rule.match.kind == RuleMatch::Kind::handle;
}

std::string nft_family(const Decider& rule) {
    return !rule.family.empty() ? rule.family : rule.engine == "ip6tables-nft" ? "ip6" : "ip";
}

std::vector<Entry> entries_of_save(const Decider& rule, std::string_view text) {
    static const std::regex policy(R"(^:(\S+) \S+ \[([0-9]+):([0-9]+)\]$)");
    static const std::regex appended(R"(^\[([0-9]+):([0-9]+)\] (-A (\S+)( .*)?)$)");
    static const std::regex comment(R"re(--comment (?:"((?:[^"\\]|\\.)*)"|(\S+)))re");
    std::vector<Entry> entries;
    std::string table;
    for (const std::string& line : lines_of(text)) {
        std::smatch match;
        if (line.front() == '*')
            table = line.substr(1);
        if (table != rule.table)
            continue;
        Entry entry;
        if (std::regex_match(line, match, policy) && match[1] == rule.chain) {
            entry.policy = true;
            entry.text = line;
        } else if (std::regex_match(line, match, appended) && match[4] == rule.chain) {
            entry.number = 1 + static_cast<std::uint64_t>(
                                   std::count_if(entries.begin(), entries.end(),
                                                 [](const Entry& other) { return !other.policy; }));
            entry.text = match[3];
            std::smatch words;
            if (std::regex_search(entry.text, words, comment))
                entry.comment = words[1].matched ? words[1] : words[2];
        } else {
            continue;
        }
        const std::size_t first = entry.policy ? 2 : 1;
        entry.counted = Counted{std::stoull(match[first]), std::stoull(match[first + 1])};
        entries.push_back(std::move(entry));
    }
    return entries;
}

// What `nfverdict tables --json` prints.
std::vector<Entry> entries_of_tables(const Decider& rule, const std::string& text) {
    std::vector<Entry> entries;
    const auto document = nlohmann::json::parse(text, nullptr, false);
    if (!document.is_object() || !document.contains("tables"))
        return entries;
    for (const auto& table : document["tables"]) {
        if (table.value("engine", "") != rule.engine || table.value("table", "") != rule.table)
            continue;
        for (const auto& item : table["entries"]) {
            if (item.value("chain", "") != rule.chain || item.value("kind", "") != "rule")
                continue;
            Entry entry;
            entry.number = item.value("rule", std::uint64_t{0});
            entry.text = collapsed(item.value("conditions", "") + " " + item.value("action", ""));
            entry.counted = Counted{item.value("packets", std::uint64_t{0}),
                                    item.value("bytes", std::uint64_t{0})};
            entries.push_back(std::move(entry));
        }
    }
    return entries;
}

std::vector<Entry> entries_of(const Decider& rule, const std::string& text) {
    if (is_legacy_bridge_or_arp(rule))
        return entries_of_tables(rule, text);
    if (!by_nft(rule))
        return entries_of_save(rule, text);
    std::vector<Entry> entries;
    for (NftRule& each : nft_rules(text)) {
        Entry entry;
        entry.handle = each.handle;
        entry.text = std::move(each.text);
        entry.comment = std::move(each.comment);
        entry.counted = each.counted;
        entries.push_back(std::move(entry));
    }
    return entries;
}

bool is_meant(const RuleMatch& wanted, const Entry& entry) {
    switch (wanted.kind) {
    case RuleMatch::Kind::any:
        return true;
    case RuleMatch::Kind::policy:
        return entry.policy;
    case RuleMatch::Kind::number:
        return !entry.policy && entry.number == wanted.number;
    case RuleMatch::Kind::handle:
        return entry.handle == wanted.number;
    case RuleMatch::Kind::comment:
        return !entry.policy && entry.comment == wanted.text;
    case RuleMatch::Kind::text:
        return !entry.policy &&
               (entry.comment == wanted.text || entry.text.find(wanted.text) != std::string::npos);
    }
    return false;
}

std::string name_of(const Entry& entry) {
    if (entry.policy)
        return "policy";
    return entry.handle != 0 ? fmt::format("handle {} \"{}\"", entry.handle, entry.text)
                             : fmt::format("#{} \"{}\"", entry.number, entry.text);
}

std::string place_in_words(const CounterValue& wanted) {
    if (!wanted.rule)
        return "counter " + wanted.named;
    const Decider& rule = *wanted.rule;
    std::string text = rule.engine;
    for (const std::string& part : {rule.family, rule.table, rule.chain})
        if (!part.empty())
            text += " " + part;
    return text + (rule.match.kind == RuleMatch::Kind::text ? fmt::format(" \"{}\"", rule.rule)
                                                            : " " + rule.rule);
}

std::string in_words(const CounterValue& wanted) {
    std::string text;
    if (wanted.packets)
        text = wanted.packets->text + " packets";
    if (wanted.bytes)
        text += (text.empty() ? "" : ", ") + wanted.bytes->text + " bytes";
    text += " counted by " + place_in_words(wanted);
    if (!wanted.since.empty())
        text += " since " + wanted.since;
    return text;
}

struct Value {
    std::optional<Counted> counted;
    std::string problem; ///< why there is none
};

Value value_of(const CounterValue& wanted, const Answer& answer) {
    if (const std::string why = failure(answer); !why.empty())
        return {{}, "it cannot be read: " + why};
    if (!wanted.rule) {
        const auto counted = counted_in(answer.out);
        return {counted, counted ? "" : "nft shows no such counter"};
    }
    const auto entries = entries_of(*wanted.rule, answer.out);
    std::vector<const Entry*> meant;
    std::vector<std::string> all;
    for (const Entry& entry : entries) {
        all.push_back(name_of(entry));
        if (is_meant(wanted.rule->match, entry))
            meant.push_back(&entry);
    }
    if (meant.empty())
        return {{}, "there is no such rule, but " + some_of(all, "nothing at all")};
    if (meant.size() > 1) {
        std::vector<std::string> names;
        names.reserve(meant.size());
        for (const Entry* entry : meant)
            names.push_back(name_of(*entry));
        return {{}, fmt::format("{} rules are like that: {}", meant.size(), some_of(names, ""))};
    }
    if (!meant.front()->counted)
        return {{}, fmt::format("{} has no counter of its own", name_of(*meant.front()))};
    return {meant.front()->counted, {}};
}

} // namespace

Look look_at(const CounterValue& wanted) {
    if (!wanted.rule) {
        Look look{{"nft", "list", "counter"}};
        for (const std::string& name : lines_of(wanted.named)) {
            std::size_t begin = 0;
            for (std::size_t end; begin < name.size(); begin = end + 1) {
                end = std::min(name.find(' ', begin), name.size());
                look.argv.push_back(name.substr(begin, end - begin));
            }
        }
        return look;
    }
    const Decider& rule = *wanted.rule;
    if (by_nft(rule))
        return {{"nft", "-a", "list", "chain", nft_family(rule), rule.table, rule.chain}};
    if (is_legacy_bridge_or_arp(rule))
        return {{"nfverdict", "tables", "--json"}};
    // Asked for by name, a legacy table is made where it is not; without, only those that exist are
    // shown.
    if (rule.engine.ends_with("-nft"))
        return {{rule.engine + "-save", "-c", "-t", rule.table}};
    return {{rule.engine + "-legacy-save", "-c"}};
}

Finding examine(const CounterValue& wanted, const Answer& now, const Answer* then) {
    Finding finding;
    finding.expected = in_words(wanted);
    Value value = value_of(wanted, now);
    if (!value.counted) {
        finding.seen = value.problem;
        return finding;
    }
    if (!wanted.since.empty()) {
        const Value earlier = then != nullptr ? value_of(wanted, *then)
                                              : Value{{}, "the snapshot has no answer from here"};
        if (!earlier.counted) {
            finding.seen = fmt::format("at {}, {}", wanted.since, earlier.problem);
            return finding;
        }
        if (earlier.counted->packets > value.counted->packets ||
            earlier.counted->bytes > value.counted->bytes) {
            finding.seen =
                fmt::format("less than at {}: {} and {} packets; the counter was set back",
                            wanted.since, value.counted->packets, earlier.counted->packets);
            return finding;
        }
        value.counted->packets -= earlier.counted->packets;
        value.counted->bytes -= earlier.counted->bytes;
    }
    const bool good = (!wanted.packets || wanted.packets->contains(value.counted->packets)) &&
                      (!wanted.bytes || wanted.bytes->contains(value.counted->bytes));
    finding.holds = good ? Finding::Holds::yes : Finding::Holds::no;
    finding.seen =
        fmt::format("{} packets, {} bytes", value.counted->packets, value.counted->bytes);
    return finding;
}

} // namespace nflab::observe

// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/verdict/explain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

namespace nflab::verdict {
namespace {

constexpr std::size_t max_columns = 100;

bool is_xtables(const Record& record) {
    return record.engine.find("tables") != std::string::npos;
}

std::string upper(std::string text) {
    for (char& c : text)
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

std::string table_and_chain(const Record& record) {
    if (is_xtables(record))
        return fmt::format("{} {}", record.table, record.chain);
    return fmt::format("{} {} {}", record.family, record.table, record.chain);
}

// Counts code points: rule text may hold UTF-8 in comments.
std::size_t width(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    }));
}

std::string pad(std::string text, std::size_t columns) {
    const std::size_t used = width(text);
    if (used < columns)
        text.append(columns - used, ' ');
    return text;
}

std::string shorten(const std::string& text, std::size_t columns) {
    if (width(text) <= columns || columns < 4)
        return text;
    std::size_t bytes = 0;
    for (std::size_t used = 0; used < columns - 1; ++used)
        do
            ++bytes;
        while (bytes < text.size() && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80);
    return text.substr(0, bytes) + "…";
}

std::string addresses_after(const Record& record) {
    if (!record.conntrack || !record.conntrack->reply || !record.conntrack->original)
        return {};
    const Tuple& original = *record.conntrack->original;
    const Tuple& reply = *record.conntrack->reply;
    std::string text;
    if (reply.destination != original.source)
        text += fmt::format("source becomes {}", reply.destination);
    if (reply.source != original.destination)
        text += fmt::format("{}destination becomes {}", text.empty() ? "" : ", ", reply.source);
    return text;
}

// iptables-save repeats the chain, which stands beside it already.
std::string rule_itself(const Record& record) {
    const std::string prefix = fmt::format("-A {} ", record.chain);
    return record.rule_text.rfind(prefix, 0) == 0 ? record.rule_text.substr(prefix.size())
                                                  : record.rule_text;
}

std::string priority(const Record& record) {
    return record.priority ? std::to_string(*record.priority) : std::string();
}

bool translates(const Record& record) {
    for (const char* word : {"masquerade", "snat", "dnat", "redirect"})
        if (record.rule_text.find(word) != std::string::npos ||
            record.rule_text.find(upper(word)) != std::string::npos)
            return true;
    return false;
}

} // namespace

std::string place(const Record& record) {
    return fmt::format("{} {}", record.engine, table_and_chain(record));
}

std::string decision(const Record& record) {
    const std::string verdict = is_xtables(record) ? upper(record.verdict) : record.verdict;
    const std::string target =
        record.verdict == "jump" || record.verdict == "goto" ? " " + record.target : "";
    switch (record.rule_kind) {
    case RuleKind::policy:
        return "policy " + verdict;
    case RuleKind::end_of_chain:
        return "end of chain: " + verdict;
    case RuleKind::rule:
        return fmt::format("{}{} {}{}", is_xtables(record) ? "#" : "handle ", record.rule, verdict,
                           target);
    case RuleKind::table:
        return fmt::format("{} by a match of this table (the rule is not known)", verdict);
    case RuleKind::none:
        return fmt::format("{} by no rule: {}", verdict, record.stage);
    case RuleKind::unknown:
        break;
    }
    return fmt::format("{} (the rule is not known)", verdict);
}

std::string outcome(const PacketPath& path, const std::vector<SentPacket>& sent) {
    if (const Record* end = path.end()) {
        const char* verb = end->verdict == "reject" ? "rejected" : "dropped";
        if (end->verdict == "queue")
            verb = "queued to user space";
        else if (end->verdict == "stolen")
            verb = "taken out of the stack";
        return fmt::format("{} at {}, hook {}", verb, end->node, end->hook);
    }
    if (!path.sent)
        return "passed";
    const SentPacket& packet = sent[*path.sent];
    if (path.reply)
        return "passed";
    switch (packet.result) {
    case SentPacket::Result::replied:
        return fmt::format("answered after {:.1f} ms", static_cast<double>(packet.rtt_us) / 1000);
    case SentPacket::Result::failed:
        return fmt::format("failed: {}", packet.detail);
    case SentPacket::Result::timeout:
    case SentPacket::Result::pending:
        break;
    }
    return "no answer, and no rule that was seen dropped it";
}

std::vector<PathLine> draw(const PacketPath& path, const std::vector<SentPacket>& sent,
                           std::size_t number) {
    std::vector<PathLine> lines;
    lines.push_back({fmt::format("#{} {}   {}", number, describe(path.records.front().packet),
                                 outcome(path, sent)),
                     path.end() != nullptr});

    std::set<std::string> nodes;
    std::size_t node_width = 0;
    std::size_t hook_width = 0;
    std::size_t priority_width = 0;
    std::size_t engine_width = 0;
    std::size_t place_width = 0;
    std::size_t decision_width = 0;
    for (const Record& record : path.records) {
        nodes.insert(record.node);
        node_width = std::max(node_width, width(record.node));
        hook_width = std::max(hook_width, width(record.hook));
        priority_width = std::max(priority_width, width(priority(record)));
        engine_width = std::max(engine_width, width(record.engine));
        place_width = std::max(place_width, width(table_and_chain(record)));
        decision_width = std::max(decision_width, width(decision(record)));
    }
    const std::size_t indent = nodes.size() > 1 ? node_width + 5 : 3;
    for (const Record& record : path.records) {
        const bool decides = &record == path.end();
        std::string line = "   ";
        if (nodes.size() > 1)
            line += pad(record.node, node_width + 2);
        line += pad(record.hook, hook_width + 1);
        line += fmt::format("{:>{}}  ", priority(record), priority_width);
        line += pad(record.engine, engine_width + 1);
        line += pad(table_and_chain(record), place_width + 1);
        line += pad(decision(record), decision_width + 1);
        std::string text;
        if (record.rule_kind == RuleKind::rule && !record.rule_text.empty())
            text = fmt::format("\"{}\"", rule_itself(record));
        const std::string mark = decides ? "  <- here" : "";
        const std::size_t used = width(line) + width(mark);
        line += shorten(text, used < max_columns ? max_columns - used : 4);
        line += mark;
        while (line.back() == ' ')
            line.pop_back();
        lines.push_back({line, decides});
        if (translates(record) && record.verdict == "accept")
            if (const std::string after = addresses_after(record); !after.empty())
                lines.push_back({pad("", indent + hook_width + priority_width + 3) + after, false});
    }
    return lines;
}

std::string explain(const PacketPath& path) {
    const Record* end = path.end();
    if (!end)
        return {};
    const std::string where =
        fmt::format("{}, table {}, chain {}", end->engine,
                    is_xtables(*end) ? end->table : end->family + " " + end->table, end->chain);
    if (end->rule_kind == RuleKind::policy) {
        const std::string change =
            is_xtables(*end)
                ? fmt::format("`{} -t {} -P {} ACCEPT`",
                              end->engine == "iptables" || end->engine == "ip6tables"
                                  ? end->engine + "-legacy"
                                  : end->engine,
                              end->table, end->base_chain.empty() ? end->chain : end->base_chain)
                : fmt::format("`nft chain {} {} {} '{{ policy accept; }}'`", end->family,
                              end->table, end->chain);
        const bool accepted_before =
            std::any_of(path.records.begin(), path.records.end(), [&](const Record& record) {
                return record.hook == end->hook && record.node == end->node &&
                       record.verdict == "accept";
            });
        return fmt::format(
            "No rule of {} took a decision, so its policy did{}; {} or a rule that accepts the "
            "packet there would change it.",
            where,
            accepted_before ? " (an accept in another table is not final: every table of the hook "
                              "must accept)"
                            : "",
            change);
    }
    if (end->rule_kind == RuleKind::rule)
        return fmt::format("Rule {} of {} decided; {}, or an accepting rule before it in the same "
                           "chain, would change it.",
                           is_xtables(*end) ? fmt::format("#{}", end->rule)
                                            : fmt::format("with handle {}", end->rule),
                           where,
                           is_xtables(*end)
                               ? fmt::format("deleting it (`{} -t {} -D {} {}`)",
                                             end->engine == "iptables" || end->engine == "ip6tables"
                                                 ? end->engine + "-legacy"
                                                 : end->engine,
                                             end->table, end->chain, end->rule)
                               : fmt::format("deleting it (`nft delete rule {} {} {} handle {}`)",
                                             end->family, end->table, end->chain, end->rule));
    return fmt::format("{} decided, but which rule is not known.", where);
}

} // namespace nflab::verdict

// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/verdict/draw.hpp"

#include "harness/verdict/decision.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace nflab::verdict {
namespace {

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

bool translates(const Record& record) {
    constexpr std::array<const char*, 10> words{"masquerade", "snat",  "dnat", "redirect",
                                                "MASQUERADE", "SNAT",  "DNAT", "REDIRECT",
                                                "netmap",     "NETMAP"};
    return std::any_of(words.begin(), words.end(), [&](const char* word) {
        return record.rule_text.find(word) != std::string::npos;
    });
}

std::string priority(const Record& record) {
    return record.priority ? std::to_string(*record.priority) : std::string();
}

std::string engine(const Record& record) {
    if (record.rule_kind != RuleKind::none)
        return record.engine;
    return record.method == "hook" ? "function" : "no rule";
}

// A record's cells, from left to right.
struct Row {
    std::array<std::string, 6> cells; ///< node, hook, priority, engine, place, decision
    std::string grounds;
    std::string after; ///< on the next line: translated addresses, a drop's reason
    bool decides = false;
    std::size_t times = 1;

    bool operator==(const Row&) const = default;
};

constexpr std::size_t priority_cell = 2;
constexpr std::size_t place_cell = 4;
// Wider ones would leave no room for the rule; they push only their own line.
constexpr std::size_t most_place_columns = 36;

std::vector<Row> rows_of(const PacketPath& path) {
    std::set<std::string> nodes;
    std::set<std::pair<std::string, std::uint64_t>> places;
    for (const Record& record : path.records) {
        nodes.insert(record.node);
        places.emplace(record.node, record.netns);
    }
    const Record* end = path.end();
    std::vector<Row> rows;
    for (const Record& record : path.records) {
        Row row;
        if (places.size() > nodes.size())
            row.cells[0] = fmt::format("{} netns {}", record.node, record.netns);
        else if (nodes.size() > 1)
            row.cells[0] = record.node;
        row.cells[1] = record.hook;
        row.cells[priority_cell] = priority(record);
        row.cells[3] = engine(record);
        row.cells[place_cell] = table_and_chain(record);
        row.cells[5] = decision(record);
        // A call site is long, and there is no rule whose text would stand there.
        (is_ruleless_drop(record) ? row.after : row.grounds) = grounds(record);
        row.decides = &record == end;
        if (const std::string addresses = translation(record); !addresses.empty())
            row.after = addresses;
        // The pieces of a packet go the same way one after the other.
        const auto same = std::find_if(rows.begin(), rows.end(), [&](Row other) {
            other.times = 1;
            return other == row;
        });
        if (path.pieces > 1 && same != rows.end())
            ++same->times;
        else
            rows.push_back(std::move(row));
    }
    return rows;
}

std::vector<PathLine> draw_rows(const std::vector<Row>& rows) {
    std::array<std::size_t, 6> widths{};
    for (const Row& row : rows)
        for (std::size_t i = 0; i < widths.size(); ++i)
            if (i != place_cell || width(row.cells[i]) <= most_place_columns)
                widths[i] = std::max(widths[i], width(row.cells[i]));
    std::vector<PathLine> lines;
    for (const Row& row : rows) {
        std::string line = "  ";
        std::size_t indent = 3;
        for (std::size_t i = 0; i < widths.size(); ++i) {
            if (widths[i] == 0)
                continue;
            line += ' ';
            if (i == priority_cell) // a number: to the right
                line += std::string(widths[i] - width(row.cells[i]), ' ') + row.cells[i] + ' ';
            else
                line += pad(row.cells[i], widths[i]);
            if (i == 0)
                line += ' ';
            if (i <= priority_cell)
                indent = width(line) + 1;
        }
        std::string mark = row.times > 1 ? fmt::format("  ×{}", row.times) : "";
        if (row.decides)
            mark += "  <- here";
        const std::size_t used = width(line) + 1 + width(mark);
        if (!row.grounds.empty())
            line += ' ' + shorten(row.grounds, used < page_columns ? page_columns - used : 4);
        line += mark;
        line.erase(line.find_last_not_of(' ') + 1);
        lines.push_back({shorten(line, page_columns), row.decides});
        if (!row.after.empty())
            lines.push_back({wrap(row.after, std::string(indent, ' ')), false});
    }
    return lines;
}

std::string pieces(const PacketPath& path) {
    if (path.pieces == 1)
        return {};
    const bool fragments =
        std::any_of(path.records.begin(), path.records.end(),
                    [](const Record& record) { return record.packet.is_fragment(); });
    return fmt::format(" in {} {}", path.pieces, fragments ? "fragments" : "segments");
}

// A whole datagram, or what GRO has joined, says more than its first piece.
const Packet& most_telling(const PacketPath& path) {
    if (path.pieces == 1 && knows_transport(path.records.front().packet))
        return path.records.front().packet;
    const auto rank = [](const Packet& packet) {
        return std::pair(knows_transport(packet) && !packet.is_fragment(), packet.payload);
    };
    return std::max_element(
               path.records.begin(), path.records.end(),
               [&](const Record& a, const Record& b) { return rank(a.packet) < rank(b.packet); })
        ->packet;
}

std::string cause_text(const std::vector<PacketPath>& paths, const Cause& cause) {
    const Record& record = paths[cause.path].records[cause.record];
    const char* what = cause.kind == Cause::Kind::copy ? "a copy of" : "caused by";
    if (cause.kind == Cause::Kind::copy)
        return fmt::format("{} #{}, at {}", what, cause.path + 1, record.node);
    return fmt::format("{} #{}: {}, hook {}: {} {}", what, cause.path + 1, record.node, record.hook,
                       place(record), decision(record));
}

} // namespace

std::string translation(const Record& record) {
    return translates(record) && record.verdict == "accept" ? addresses_after(record) : "";
}

std::string wrap(const std::string& sentence, const std::string& indent) {
    std::string text;
    std::string line = indent;
    for (std::size_t begin = 0; begin < sentence.size();) {
        const std::size_t end = std::min(sentence.find(' ', begin), sentence.size());
        const std::string word = sentence.substr(begin, end - begin);
        if (line.size() > indent.size() && width(line) + 1 + width(word) > page_columns) {
            text += line + '\n';
            line = indent;
        }
        line += (line.size() > indent.size() ? " " : "") + word;
        begin = end + 1;
    }
    return text + line;
}

std::string describe(const PacketPath& path) {
    return describe(most_telling(path)) + pieces(path);
}

std::string outcome(const PacketPath& path, const std::vector<SentPacket>& sent) {
    if (const Record* end = path.end()) {
        if (is_ruleless_drop(*end))
            return fmt::format("dropped at {} by no rule: {}", end->node, end->stage);
        const char* verb = end->verdict == "reject" ? "rejected" : "dropped";
        if (end->verdict == "queue")
            verb = "queued to user space";
        else if (end->verdict == "stolen")
            verb = "taken out of the stack";
        return fmt::format("{} at {}, hook {}", verb, end->node, end->hook);
    }
    if (!path.sent || path.reply || path.cause)
        return "passed";
    const SentPacket& packet = sent[*path.sent];
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

std::vector<PathLine> draw(const std::vector<PacketPath>& paths, std::size_t index,
                           const std::vector<SentPacket>& sent) {
    const PacketPath& path = paths[index];
    const std::string header = fmt::format("#{} {}", index + 1, describe(path));
    const std::string end = outcome(path, sent);
    const bool decides = path.end() != nullptr;
    std::vector<PathLine> lines;
    if (width(header) + 3 + width(end) <= page_columns) {
        lines.push_back({header + "   " + end, decides});
    } else {
        lines.push_back({header, decides});
        lines.push_back({wrap(end, "   "), decides});
    }
    if (path.cause)
        lines.push_back({wrap(cause_text(paths, *path.cause), "   "), false});
    for (const std::string& doubt : path.doubts)
        lines.push_back({wrap("not certain: " + doubt, "   "), false});
    const auto rows = draw_rows(rows_of(path));
    lines.insert(lines.end(), rows.begin(), rows.end());
    return lines;
}

} // namespace nflab::verdict

// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/differential/compare.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace nflab::witness {
namespace {

using verdict::Record;
using verdict::RuleKind;
using Records = std::vector<const Record*>;
using XtSizes = std::map<std::string, std::uint64_t>; ///< rules by "table chain"

constexpr std::size_t first_words = 12; // of a long story in a message

bool is_nft(const Record& record) {
    return record.engine == "nft" || record.engine.ends_with("-nft");
}

bool decides(const Record& record) {
    static const std::set<std::string> words{"accept", "drop", "reject", "queue", "stolen"};
    return words.count(record.verdict) != 0 && record.rule_kind != RuleKind::end_of_chain;
}

// An oracle sees a rejecting rule drop the packet.
std::string plain_verdict(const Record& record) {
    return record.verdict == "reject" ? "drop" : record.verdict;
}

std::string table_of(const Record& record) {
    return is_nft(record) ? record.family + " " + record.table : record.table;
}

std::uint64_t rule_of(const Record& record) {
    if (record.rule_kind == RuleKind::policy)
        return 0;
    return is_nft(record) && record.handle != 0 ? record.handle : record.rule;
}

Statement statement(const Record& record) {
    Statement out;
    out.table = table_of(record);
    out.base = record.base_chain;
    out.chain = record.chain;
    out.policy = record.rule_kind == RuleKind::policy;
    out.rule = rule_of(record);
    out.verdict = plain_verdict(record);
    out.path = record.jump_path;
    return out;
}

std::string full_text(const Record& record) {
    return fmt::format("{} {} {} {} element '{}' as {} at {} {} in '{}' out '{}'", record.engine,
                       record.family, statement(record).text(), record.rule_text, record.element,
                       record.verdict, record.hook, record.priority.value_or(0), record.in_device,
                       record.out_device);
}

std::map<Key, Records> by_packet(const Evidence& evidence, const Names& names) {
    std::map<Key, Records> out;
    for (const Record& record : evidence.records) {
        const Seen seen = seen_in(record.packet);
        if (record.table != oracle_table && !Names::noise(seen))
            out[names.key(seen)].push_back(&record);
    }
    return out;
}

const Records& of(const std::map<Key, Records>& records, const Key& key) {
    static const Records none;
    const auto found = records.find(key);
    return found == records.end() ? none : found->second;
}

std::string story(const std::vector<std::string>& lines) {
    if (lines.empty())
        return "nothing";
    const auto shown = std::vector<std::string>(
        lines.begin(),
        lines.begin() + static_cast<std::ptrdiff_t>(std::min(lines.size(), first_words)));
    return fmt::format("{}{}", fmt::join(shown, "\n      "),
                       lines.size() > first_words ? "\n      …" : "");
}

class Comparer {
  public:
    Comparer(const std::vector<Shot>& shots, const Names& names, const Evidence& plain,
             const Evidence& traced)
        : shots_(shots), names_(names), plain_(plain), traced_(traced),
          plain_records_(by_packet(plain, names)), traced_records_(by_packet(traced, names)) {}

    Comparison run() {
        oracle_effect();
        nft_trace();
        xt_trace(Engine::iptables, traced_.xt4);
        xt_trace(Engine::ip6tables, traced_.xt6);
        for (const auto* evidence : {&plain_, &traced_})
            counters(*evidence);
        conntrack(traced_, traced_records_);
        capture(plain_, plain_records_);
        capture(traced_, traced_records_);
        return std::move(out_);
    }

  private:
    void differ(Check check, const std::string& engine, const Key& packet, std::string own,
                std::string other, bool unexplained = false) {
        out_.disagreements.push_back({check, engine, packet, shot_of(packet), std::move(own),
                                      std::move(other), unexplained});
    }

    int shot_of(const Key& packet) const {
        for (const auto* records : {&plain_records_, &traced_records_})
            if (const auto found = records->find(packet); found != records->end())
                return names_.shot(seen_in(found->second.front()->packet));
        return -1;
    }

    void agree(Check check, std::uint64_t count = 1) { out_.compared[check] += count; }

    void oracle_effect() {
        std::set<Key> keys;
        for (const auto& [key, records] : plain_records_)
            keys.insert(key);
        for (const auto& [key, records] : traced_records_)
            keys.insert(key);
        for (const Key& key : keys) {
            std::vector<std::string> plain;
            std::vector<std::string> traced;
            for (const Record* record : of(plain_records_, key))
                plain.push_back(full_text(*record));
            for (const Record* record : of(traced_records_, key))
                traced.push_back(full_text(*record));
            // Fragments and what the router makes may share a name: their order is not fixed.
            if (shot_of(key) < 0) {
                std::sort(plain.begin(), plain.end());
                std::sort(traced.begin(), traced.end());
            }
            if (plain == traced)
                agree(Check::oracle_effect, plain.size());
            else
                differ(Check::oracle_effect, "all", key, "without oracle " + story(plain),
                       "under oracle " + story(traced));
        }
    }

    void nft_trace() {
        std::set<Key> keys;
        for (const auto& [key, records] : traced_records_)
            keys.insert(key);
        for (const auto& [key, said] : traced_.nft)
            keys.insert(key);
        for (const Key& key : keys) {
            std::vector<std::string> own;
            std::vector<std::string> other;
            std::vector<bool> silent;
            for (const Record* record : of(traced_records_, key))
                if (is_nft(*record) && decides(*record)) {
                    own.push_back(statement(*record).text());
                    silent.push_back(record->jump_path.empty());
                }
            if (const auto said = traced_.nft.find(key); said != traced_.nft.end())
                for (Statement each : said->second) {
                    // A record without a path does not claim that there was none.
                    if (other.size() < silent.size() && silent[other.size()])
                        each.path.clear();
                    other.push_back(each.text());
                }
            if (own != other) {
                differ(Check::nft_trace, "nft", key, story(own), story(other));
                continue;
            }
            agree(Check::nft_trace, own.size());
            for (const Record* record : of(traced_records_, key))
                if (is_nft(*record) && decides(*record))
                    count_verdict(*record);
        }
    }

    void count_verdict(const Record& record) {
        ++out_.verdicts[fmt::format(
            "{} {} {}", record.engine, is_nft(record) ? record.family : "",
            record.rule_kind == RuleKind::policy ? "policy " + record.verdict : record.verdict)];
        if (!record.jump_path.empty())
            ++out_.verdicts[record.engine + " with a jump path"];
        if (!record.element.empty())
            ++out_.verdicts[record.engine + " with a map's element"];
    }

    // TRACE calls every unconditional rule with a final verdict "policy" or "return"
    // (get_chainname_rulenum in net/ipv4/netfilter/ip_tables.c); its number tells them apart.
    static bool same(const XtLine& line, const Record& record, const XtSizes& sizes) {
        if (record.table != line.table || record.chain != line.chain)
            return false;
        const auto size = sizes.find(line.table + " " + line.chain);
        const bool behind = size == sizes.end() || line.number > size->second;
        if (record.rule_kind == RuleKind::policy)
            return line.kind == "policy" && behind;
        return !behind && record.rule == line.number;
    }

    XtSizes sizes(Engine engine) const {
        XtSizes out;
        for (const RuleCount& count : traced_.counts)
            if (count.engine == engine) {
                auto& size = out[count.table + " " + count.chain];
                size = std::max(size, count.rule);
            }
        return out;
    }

    // The trace names every rule that matched, nfverdict the one that decided: so each record must
    // be the last of the lines of its table, up to the next record's first.
    void xt_trace(Engine engine, const XtTestimony& testimony) {
        const std::string name = name_of(engine);
        const XtSizes lengths = sizes(engine);
        std::set<Key> keys;
        for (const auto& [key, lines] : testimony)
            keys.insert(key);
        for (const auto& [key, records] : traced_records_)
            if (std::any_of(records.begin(), records.end(),
                            [&](const Record* record) { return record->engine == name; }))
                keys.insert(key);
        for (const Key& key : keys) {
            static const std::vector<XtLine> none;
            const auto said = testimony.find(key);
            const std::vector<XtLine>& lines = said == testimony.end() ? none : said->second;
            Records own;
            for (const Record* record : of(traced_records_, key))
                if (record->engine == name && decides(*record))
                    own.push_back(record);
            if (follows(lines, own, lengths)) {
                agree(Check::xt_trace, own.size());
                for (const Record* record : own)
                    count_verdict(*record);
                continue;
            }
            std::vector<std::string> ours;
            std::vector<std::string> theirs;
            for (const Record* record : own)
                ours.push_back(statement(*record).text());
            for (const XtLine& line : lines)
                theirs.push_back(
                    fmt::format("{}:{}:{}:{}", line.table, line.chain, line.kind, line.number));
            differ(Check::xt_trace, name, key, story(ours), story(theirs));
        }
    }

    static bool follows(const std::vector<XtLine>& lines, const Records& own,
                        const XtSizes& sizes) {
        std::size_t at = 0;
        for (const Record* record : own) {
            while (at < lines.size() && !same(lines[at], *record, sizes)) {
                if (lines[at].table != record->table)
                    return false;
                ++at;
            }
            if (at == lines.size())
                return false;
            ++at;
        }
        return at == lines.size();
    }

    void counters(const Evidence& evidence) {
        std::map<std::tuple<std::string, std::string, std::string, std::uint64_t>, std::uint64_t>
            seen;
        for (const Record& record : evidence.records)
            if (decides(record))
                ++seen[{is_nft(record) ? "nft" : record.engine, table_of(record), record.chain,
                        rule_of(record)}];
        for (const RuleCount& count : evidence.counts) {
            if (!counts_decisions(count))
                continue;
            const std::string engine = name_of(count.engine);
            const auto found = seen.find({engine, count.table, count.chain, count.rule});
            const std::uint64_t own = found == seen.end() ? 0 : found->second;
            if (own == count.packets)
                agree(Check::counter);
            else
                differ(Check::counter, engine,
                       fmt::format("{} {} rule {}: {}", count.table, count.chain, count.rule,
                                   count.text),
                       fmt::format("{} records", own), fmt::format("{} counted", count.packets));
        }
    }

    static bool counts_decisions(const RuleCount& count) {
        if (count.engine == Engine::nft || count.rule == 0)
            return true;
        static const std::set<std::string> targets{"ACCEPT",     "DROP", "REJECT",   "SNAT",
                                                   "MASQUERADE", "DNAT", "REDIRECT", "NFQUEUE"};
        const std::size_t at = count.text.rfind("-j ");
        if (at == std::string::npos)
            return false;
        const std::string word = count.text.substr(at + 3);
        return targets.count(word.substr(0, word.find(' '))) != 0;
    }

    // What nfverdict saw last of a connection's entry must be what the kernel lists.
    void conntrack(const Evidence& evidence, const std::map<Key, Records>& records) {
        for (const auto& [key, own] : records) {
            const Record& last = *own.back();
            if (!last.conntrack || !last.conntrack->original || !last.conntrack->reply ||
                last.hook != "postrouting" || last.priority.value_or(0) < 320)
                continue;
            // An ICMP error belongs to the connection that it tells of.
            const int protocol =
                last.packet.quoted ? last.packet.quoted->protocol : last.packet.protocol;
            const auto flow = [&](const verdict::Tuple& tuple) {
                const bool ports = protocol == 6 || protocol == 17;
                return Flow{protocol, tuple.source, tuple.destination, tuple.source_port,
                            ports ? tuple.destination_port : 0U};
            };
            const auto listed = evidence.flows.find(flow(*last.conntrack->original));
            if (listed == evidence.flows.end())
                continue;
            const Flow reply = flow(*last.conntrack->reply);
            if (reply == listed->second)
                agree(Check::conntrack);
            else
                differ(Check::conntrack, "conntrack", key, flow_text(reply),
                       flow_text(listed->second));
        }
    }

    static std::string flow_text(const Flow& flow) {
        return fmt::format("answers from {} {} to {} {}", flow.source, flow.source_port,
                           flow.destination, flow.destination_port);
    }

    // A packet of the test leaves the router, is taken in, or somebody said drop.
    void capture(const Evidence& evidence, const std::map<Key, Records>& records) {
        for (const auto& [key, own] : records) {
            const Seen seen = seen_in(own.front()->packet);
            const int number = names_.shot(seen);
            if (number < 0 || shots_[static_cast<std::size_t>(number)].chunk != 0)
                continue;
            bool dropped = false;
            bool taken = false;
            for (const Record* record : own) {
                dropped = dropped || record->verdict == "drop" || record->verdict == "reject" ||
                          record->verdict == "queue" || record->rule_kind == RuleKind::none ||
                          record->rule_kind == RuleKind::table;
                taken = taken || record->hook == "input";
            }
            bool left = false;
            if (const auto found = evidence.captured.find(number); found != evidence.captured.end())
                for (const Seen& each : found->second)
                    left = left || names_.key(each) == key;
            const bool should_leave = !dropped && !taken;
            if (left == should_leave || (taken && !dropped)) {
                agree(Check::capture);
                continue;
            }
            std::vector<std::string> lines;
            for (const Record* record : own)
                lines.push_back(full_text(*record));
            differ(Check::capture, "capture", key, story(lines),
                   left ? "it left the router" : "it did not leave the router", !left);
        }
    }

    const std::vector<Shot>& shots_;
    const Names& names_;
    const Evidence& plain_;
    const Evidence& traced_;
    std::map<Key, Records> plain_records_;
    std::map<Key, Records> traced_records_;
    Comparison out_;
};

} // namespace

std::string name_of(Check check) {
    switch (check) {
    case Check::oracle_effect:
        return "with and without oracle";
    case Check::nft_trace:
        return "nft monitor trace";
    case Check::xt_trace:
        return "xt TRACE";
    case Check::counter:
        return "rule counters";
    case Check::conntrack:
        return "conntrack";
    case Check::capture:
        break;
    }
    return "capture";
}

Comparison compare(const std::vector<Shot>& shots, const Names& names, const Evidence& plain,
                   const Evidence& traced) {
    return Comparer(shots, names, plain, traced).run();
}

} // namespace nflab::witness

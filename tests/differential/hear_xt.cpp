// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/differential/hearing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace nflab::witness {
namespace {

using verdict::Record;
using verdict::RuleKind;
using XtSizes = std::map<std::string, std::uint64_t>; ///< rules by "table chain"

// TRACE calls every unconditional rule with a final verdict "policy" or "return"
// (get_chainname_rulenum in net/ipv4/netfilter/ip_tables.c); its number tells them apart.
bool same(const XtLine& line, const Record& record, const XtSizes& sizes) {
    if (record.table != line.table || record.chain != line.chain)
        return false;
    const auto size = sizes.find(line.table + " " + line.chain);
    const bool behind = size == sizes.end() || line.number > size->second;
    if (record.rule_kind == RuleKind::policy)
        return line.kind == "policy" && behind;
    return !behind && record.rule == line.number;
}

XtSizes sizes_of(const Hearing& hearing, Engine engine) {
    XtSizes out;
    for (const RuleCount& count : hearing.traced.counts)
        if (count.engine == engine) {
            auto& size = out[count.table + " " + count.chain];
            size = std::max(size, count.rule);
        }
    return out;
}

// The way to where a packet is in one table, line by line. A chain that is not on the way was
// jumped to by the rule before it; the kernel allows no loops.
class Way {
  public:
    void enter(const std::string& chain) {
        if (current_ == chain)
            return;
        const auto back = std::find(path_.begin(), path_.end(), chain);
        if (back != path_.end())
            path_.erase(back, path_.end());
        else if (!current_.empty())
            path_.push_back(current_);
        current_ = chain;
    }
    const std::vector<std::string>& path() const { return path_; }

  private:
    std::string current_;
    std::vector<std::string> path_;
};

bool follows(const std::vector<XtLine>& lines, const Records& own, const XtSizes& sizes) {
    std::size_t at = 0;
    for (const Record* record : own) {
        Way way;
        for (; at < lines.size() && lines[at].table == record->table; ++at) {
            way.enter(lines[at].chain);
            if (same(lines[at], *record, sizes))
                break;
        }
        if (at == lines.size() || lines[at].table != record->table)
            return false;
        // A record without a path does not claim that there was none.
        if (!record->jump_path.empty() && record->jump_path != way.path())
            return false;
        ++at;
    }
    return at == lines.size();
}

} // namespace

// The trace names every rule that matched, nfverdict the one that decided: so each record must
// be the last of the lines of its table, up to the next record's first.
void hear_xt_trace(Hearing& hearing, Engine engine, const XtTestimony& testimony) {
    const std::string name = name_of(engine);
    const XtSizes lengths = sizes_of(hearing, engine);
    std::set<Key> keys;
    for (const auto& [key, lines] : testimony)
        keys.insert(key);
    for (const auto& [key, records] : hearing.traced_records)
        if (std::any_of(records.begin(), records.end(),
                        [&](const Record* record) { return record->engine == name; }))
            keys.insert(key);
    for (const Key& key : keys) {
        static const std::vector<XtLine> none;
        const auto said = testimony.find(key);
        const std::vector<XtLine>& lines = said == testimony.end() ? none : said->second;
        Records own;
        for (const Record* record : of(hearing.traced_records, key))
            if (record->engine == name && decides(*record))
                own.push_back(record);
        if (follows(lines, own, lengths)) {
            hearing.agree(Check::xt_trace, own.size());
            for (const Record* record : own)
                hearing.confirm(*record);
            continue;
        }
        std::vector<std::string> ours;
        std::vector<std::string> theirs;
        for (const Record* record : own)
            ours.push_back(statement(*record).text());
        for (const XtLine& line : lines)
            theirs.push_back(
                fmt::format("{}:{}:{}:{}", line.table, line.chain, line.kind, line.number));
        hearing.differ(Check::xt_trace, name, key, story(ours), story(theirs));
    }
}

} // namespace nflab::witness

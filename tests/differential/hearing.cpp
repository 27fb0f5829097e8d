// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/differential/hearing.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace nflab::witness {

using verdict::Record;
using verdict::RuleKind;

namespace {

constexpr std::size_t first_words = 12; // of a long story in a message

// An oracle sees a rejecting rule drop the packet.
std::string plain_verdict(const Record& record) {
    return record.verdict == "reject" ? "drop" : record.verdict;
}

// What ebtables-nft shows as the policy of a chain of its user is a rule to nftables.
bool is_base_policy(const Record& record) {
    return record.rule_kind == RuleKind::policy && !(is_nft(record) && record.handle != 0);
}

RecordsByPacket by_packet(const Evidence& evidence, const Names& names) {
    RecordsByPacket out;
    for (const Record& record : evidence.records) {
        const Seen seen = seen_in(record);
        if (record.table != oracle_table && !Names::noise(seen))
            out[names.key(seen)].push_back(&record);
    }
    return out;
}

} // namespace

Hearing::Hearing(const std::vector<Shot>& sent, const Names& called, const Evidence& alone,
                 const Evidence& under_oracles)
    : shots(sent), names(called), plain(alone), traced(under_oracles),
      plain_records(by_packet(alone, called)), traced_records(by_packet(under_oracles, called)) {}

void Hearing::differ(Check check, const std::string& engine, const Key& packet, std::string own,
                     std::string other, bool unexplained) {
    out.disagreements.push_back(
        {check, engine, packet, shot_of(packet), std::move(own), std::move(other), unexplained});
}

int Hearing::shot_of(const Key& packet) const {
    for (const auto* records : {&plain_records, &traced_records})
        if (const auto found = records->find(packet); found != records->end())
            return names.shot(seen_in(*found->second.front()));
    return -1;
}

void Hearing::confirm(const Record& record) {
    ++out.verdicts[fmt::format("{} {} {}", record.engine, is_nft(record) ? record.family : "",
                               record.rule_kind == RuleKind::policy ? "policy " + record.verdict
                                                                    : record.verdict)];
    if (!record.jump_path.empty())
        ++out.verdicts[record.engine + " with a jump path"];
    if (!record.element.empty())
        ++out.verdicts[record.engine + " with a map's element"];
}

bool is_nft(const Record& record) {
    return record.engine == "nft" || record.engine.ends_with("-nft");
}

bool decides(const Record& record) {
    static const std::set<std::string> words{"accept", "drop", "reject", "queue", "stolen"};
    return words.count(record.verdict) != 0 && record.rule_kind != RuleKind::end_of_chain;
}

std::string table_of(const Record& record) {
    return is_nft(record) ? record.family + " " + record.table : record.table;
}

std::uint64_t rule_of(const Record& record) {
    if (is_base_policy(record))
        return 0;
    return is_nft(record) && record.handle != 0 ? record.handle : record.rule;
}

Statement statement(const Record& record) {
    Statement out;
    out.table = table_of(record);
    out.base = record.base_chain;
    out.chain = record.chain;
    out.policy = is_base_policy(record);
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

const Records& of(const RecordsByPacket& records, const Key& key) {
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

std::string story(const Records& records) {
    std::vector<std::string> lines;
    for (const Record* record : records)
        lines.push_back(full_text(*record));
    return story(lines);
}

} // namespace nflab::witness

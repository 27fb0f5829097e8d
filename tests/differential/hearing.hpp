// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "tests/differential/compare.hpp"

#include <map>
#include <string>
#include <vector>

/// What the parts of the comparison share: the records of both runs by packet, and the result that
/// they add to. Pure.
namespace nflab::witness {

using Records = std::vector<const verdict::Record*>;
using RecordsByPacket = std::map<Key, Records>;

struct Hearing {
    Hearing(const std::vector<Shot>& sent, const Names& called, const Evidence& alone,
            const Evidence& under_oracles);

    void differ(Check check, const std::string& engine, const Key& packet, std::string own,
                std::string other, bool unexplained = false);
    void agree(Check check, std::uint64_t count = 1) { out.compared[check] += count; }
    /// An oracle has confirmed it.
    void confirm(const verdict::Record& record);
    int shot_of(const Key& packet) const;

    const std::vector<Shot>& shots;
    const Names& names;
    const Evidence& plain;
    const Evidence& traced;
    RecordsByPacket plain_records;
    RecordsByPacket traced_records;
    Comparison out;
};

bool is_nft(const verdict::Record& record); ///< also iptables-nft and the like
/// A verdict after which its base chain or table says nothing more.
bool decides(const verdict::Record& record);
Statement statement(const verdict::Record& record);
/// "inet filter", legacy "filter"
std::string table_of(const verdict::Record& record);
/// Handle or legacy number; 0: a policy.
std::uint64_t rule_of(const verdict::Record& record);
const Records& of(const RecordsByPacket& records, const Key& key);

/// Everything that a record claims but addresses and times.
std::string full_text(const verdict::Record& record);
/// The first lines, for a message.
std::string story(const std::vector<std::string>& lines);
std::string story(const Records& records);

/// The parts.
void hear_oracle_effect(Hearing& hearing);
void hear_nft_trace(Hearing& hearing);
void hear_xt_trace(Hearing& hearing, Engine engine, const XtTestimony& testimony);
void hear_counters(Hearing& hearing, const Evidence& evidence);
void hear_conntrack(Hearing& hearing, const Evidence& evidence, const RecordsByPacket& records);
void hear_conntrack_drops(Hearing& hearing, const Evidence& evidence);
void hear_elements(Hearing& hearing, const RecordsByPacket& records);
void hear_capture(Hearing& hearing, const Evidence& evidence, const RecordsByPacket& records);
void hear_fragments(Hearing& hearing, const Evidence& evidence);

} // namespace nflab::witness

// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/differential/hearing.hpp"

#include <algorithm>
#include <set>

namespace nflab::witness {

using verdict::Record;

void hear_oracle_effect(Hearing& hearing) {
    std::set<Key> keys;
    for (const auto& [key, records] : hearing.plain_records)
        keys.insert(key);
    for (const auto& [key, records] : hearing.traced_records)
        keys.insert(key);
    for (const Key& key : keys) {
        std::vector<std::string> plain;
        std::vector<std::string> traced;
        for (const Record* record : of(hearing.plain_records, key))
            plain.push_back(full_text(*record));
        for (const Record* record : of(hearing.traced_records, key))
            traced.push_back(full_text(*record));
        // Fragments and what the router makes may share a name: their order is not fixed.
        if (hearing.shot_of(key) < 0) {
            std::sort(plain.begin(), plain.end());
            std::sort(traced.begin(), traced.end());
        }
        if (plain == traced)
            hearing.agree(Check::oracle_effect, plain.size());
        else
            hearing.differ(Check::oracle_effect, "all", key, "without oracle " + story(plain),
                           "under oracle " + story(traced));
    }
}

void hear_nft_trace(Hearing& hearing) {
    std::set<Key> keys;
    for (const auto& [key, records] : hearing.traced_records)
        keys.insert(key);
    for (const auto& [key, said] : hearing.traced.nft)
        keys.insert(key);
    for (const Key& key : keys) {
        std::vector<std::string> own;
        std::vector<std::string> other;
        std::vector<bool> silent;
        for (const Record* record : of(hearing.traced_records, key))
            if (is_nft(*record) && decides(*record)) {
                own.push_back(statement(*record).text());
                silent.push_back(record->jump_path.empty());
            }
        if (const auto said = hearing.traced.nft.find(key); said != hearing.traced.nft.end())
            for (Statement each : said->second) {
                // A record without a path does not claim that there was none.
                if (other.size() < silent.size() && silent[other.size()])
                    each.path.clear();
                other.push_back(each.text());
            }
        if (own != other) {
            hearing.differ(Check::nft_trace, "nft", key, story(own), story(other));
            continue;
        }
        hearing.agree(Check::nft_trace, own.size());
        for (const Record* record : of(hearing.traced_records, key))
            if (is_nft(*record) && decides(*record))
                hearing.confirm(*record);
    }
}

} // namespace nflab::witness

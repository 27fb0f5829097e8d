// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/verdict/hook_order.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

namespace nflab::verdict {
namespace {

using Place = std::vector<Record>::iterator;

bool is_hook_function(const Record& record) {
    return record.method == "hook" && record.priority.has_value();
}

bool in_same_hook(const Record& a, const Record& b) {
    return a.hook == b.hook && a.node == b.node && a.netns == b.netns &&
           a.packet.skb == b.packet.skb;
}

/// One walk of a hook: records of it, one right after the other.
struct Walk {
    Place begin;
    Place end;

    std::uint64_t distance_to(std::uint64_t time) const {
        const std::uint64_t first = begin->time_ns;
        const std::uint64_t last = std::prev(end)->time_ns;
        return time < first ? first - time : time > last ? time - last : 0;
    }
};

/// The walk of the function's hook that is nearest in time; empty when there is none.
Walk nearest_walk(std::vector<Record>& records, const Record& function) {
    Walk nearest{records.end(), records.end()};
    for (auto begin = records.begin(); begin != records.end();) {
        const auto other = [&](const Record& record) { return !in_same_hook(record, *begin); };
        const Walk walk{begin, std::find_if(begin, records.end(), other)};
        if (in_same_hook(*begin, function) &&
            (nearest.begin == nearest.end ||
             walk.distance_to(function.time_ns) < nearest.distance_to(function.time_ns)))
            nearest = walk;
        begin = walk.end;
    }
    return nearest;
}

Place place_of(std::vector<Record>& records, const Record& function) {
    const Walk walk = nearest_walk(records, function);
    if (walk.begin != walk.end)
        return std::find_if(walk.begin, walk.end, [&](const Record& record) {
            return record.priority && *record.priority > *function.priority;
        });
    return std::find_if(records.begin(), records.end(), [&](const Record& record) {
        return record.node == function.node && record.time_ns > function.time_ns;
    });
}

} // namespace

void place_hook_functions(std::vector<Record>& records) {
    std::vector<Record> functions;
    const auto first =
        std::stable_partition(records.begin(), records.end(),
                              [](const Record& record) { return !is_hook_function(record); });
    std::move(first, records.end(), std::back_inserter(functions));
    records.erase(first, records.end());
    for (Record& function : functions) {
        const Place place = place_of(records, function);
        records.insert(place, std::move(function));
    }
}

} // namespace nflab::verdict

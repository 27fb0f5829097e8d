// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/verdict/record.hpp"

#include <vector>

/// What one sk_buff met in one network namespace. Pure.
namespace nflab::verdict {

/// One sk_buff in one namespace of one node, in order of time. Never empty.
struct Visit {
    std::vector<Record> records;

    const Record& first() const { return records.front(); }
    const Record& last() const { return records.back(); }
};

/// Splits the records of one node. An sk_buff's address is used again soon, so that headers, the
/// time, and a chain's having decided already tell where one packet ends and the next begins.
std::vector<Visit> split_into_visits(std::vector<Record> records);

} // namespace nflab::verdict

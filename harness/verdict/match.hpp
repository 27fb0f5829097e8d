// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/model.hpp"
#include "harness/verdict/path.hpp"

#include <string>
#include <vector>

/// Holds expectations against what was seen. Pure.
namespace nflab::verdict {

struct Judgement {
    bool passed = false;
    std::string expected;           ///< in words
    std::string seen;               ///< in words
    std::vector<std::size_t> paths; ///< indices of the paths that explain the answer
};

/// Whether one record is of the kind that the expectation is about (its `count` aside).
bool matches(const scenario::Expectation& expectation, const Record& record);

/// A packet counts once per expectation, however many of its records match. Neighbour discovery
/// and the like count only where the expectation's packet filter asks for nothing else than them.
Judgement judge(const scenario::Expectation& expectation, const std::vector<SentPacket>& sent,
                const std::vector<PacketPath>& paths);

} // namespace nflab::verdict

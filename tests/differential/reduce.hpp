// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "tests/differential/generate.hpp"

#include <functional>
#include <vector>

/// Makes a failing case small (delta debugging: Zeller and Hildebrandt, 2002). Pure: the lab stands
/// behind the question.
namespace nflab::witness {

struct Case {
    Ruleset ruleset;
    std::vector<Shot> shots;
};

/// True while the same two witnesses still differ.
using StillFails = std::function<bool(const Case&)>;

/// Drops packets, then tables, chains and rules, in ever smaller groups, as long as `fails` stays
/// true. Asks at most `questions` times; what is returned has been seen to fail, unless it is the
/// case that was given.
Case reduce(Case failing, const StillFails& fails, unsigned questions);

} // namespace nflab::witness

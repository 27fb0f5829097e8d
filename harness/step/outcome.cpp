// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/step/outcome.hpp"

#include <algorithm>
#include <numeric>

namespace nflab::step {

bool StepOutcome::passed() const {
    return std::all_of(checks.begin(), checks.end(),
                       [](const Check& check) { return check.passed; });
}

std::uint64_t CellOutcome::lost() const {
    return std::accumulate(
        observations.begin(), observations.end(), std::uint64_t{0},
        [](std::uint64_t sum, const Observation& seen) { return sum + seen.lost; });
}

} // namespace nflab::step

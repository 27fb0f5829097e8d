// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/rulesets/ruleset_view.hpp"

#include <utility>

namespace nflab::nfverdict {

/// What all candidates say alike: the std::optional that `look_up` makes of each; nothing when
/// there are no candidates, one does not know, or they differ. Pure.
template <typename Snapshot, typename LookUp>
auto agreed(const Candidates<Snapshot>& candidates, const LookUp& look_up) {
    decltype(look_up(*candidates.front())) answer;
    for (const auto& candidate : candidates) {
        auto next = look_up(*candidate);
        if (!next || (answer && !(*answer == *next)))
            return decltype(answer){};
        answer = std::move(next);
    }
    return answer;
}

} // namespace nflab::nfverdict

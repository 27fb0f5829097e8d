// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/rulesets/generation.hpp"
#include "guest/nfverdict/rulesets/ruleset_view.hpp"

#include <algorithm>
#include <cstddef>
#include <deque>
#include <memory>
#include <utility>

namespace nflab::nfverdict {

/// The last snapshots of one ruleset, and which of them can speak for a given moment. Pure.
template <typename Snapshot>
class History {
  public:
    /// `before` and `after`: the generations around the reading; they differ when the ruleset was
    /// changed meanwhile.
    void add(const Generations& before, const Generations& after, Snapshot snapshot) {
        constexpr std::size_t enough = 8;
        if (taken_.size() == enough)
            taken_.pop_front();
        taken_.push_back({before, after, std::make_shared<const Snapshot>(std::move(snapshot))});
    }

    /// Whether a snapshot begun after that moment's last transaction is there.
    bool covers(Moment moment) const {
        return std::any_of(taken_.begin(), taken_.end(),
                           [&](const Taken& taken) { return taken.is_after(moment); });
    }

    /// One snapshot of just that moment, or the nearest on both sides of it; nothing when one side
    /// is not known.
    Candidates<Snapshot> at(Moment moment) const {
        const Taken* earlier = nullptr;
        const Taken* later = nullptr;
        for (const Taken& taken : taken_) {
            if (taken.is_before(moment))
                earlier = &taken;
            if (!later && taken.is_after(moment))
                later = &taken;
        }
        if (!earlier || !later)
            return {};
        for (const Taken& taken : taken_)
            if (taken.is_before(moment) && taken.is_after(moment))
                return {taken.snapshot};
        return {earlier->snapshot, later->snapshot};
    }

  private:
    struct Taken {
        Generations before;
        Generations after;
        std::shared_ptr<const Snapshot> snapshot;

        bool is_before(Moment moment) const {
            return after[moment.slot].started <= moment.generation.finished;
        }
        bool is_after(Moment moment) const {
            return before[moment.slot].finished >= moment.generation.started;
        }
    };
    std::deque<Taken> taken_;
};

} // namespace nflab::nfverdict

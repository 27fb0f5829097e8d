// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/probes/probes.hpp"

#include <deque>
#include <functional>
#include <utility>
#include <vector>

namespace nflab::nfverdict {

/// Events in their order, with those of our own network namespace set apart: they belong to the
/// self-test and are never reported.
class Intake {
  public:
    Intake(Probes& probes, std::uint32_t private_netns)
        : probes_(probes), private_netns_(private_netns) {}

    /// Takes everything that the kernel has ready, unless there is far too much to do already.
    void pump();

    /// The oldest event, until the next call; nullptr: there is none.
    const nfv_event* next();
    /// `counts` is asked about every event that is a record by itself, and those that it takes are
    /// only counted.
    void count(std::function<bool(const nfv_event&)> counts) { counts_ = std::move(counts); }
    std::uint64_t counted() const { return counted_; }
    /// Drops the changes of rulesets that have been seen up to now.
    void forget_changes();
    std::vector<nfv_event> take_private();

  private:
    Probes& probes_;
    std::uint32_t private_netns_;
    std::function<bool(const nfv_event&)> counts_;
    std::uint64_t counted_ = 0;
    std::deque<nfv_event> events_;
    bool first_is_out_ = false; ///< the oldest event is what next() has shown
    std::vector<nfv_event> private_events_;
};

} // namespace nflab::nfverdict

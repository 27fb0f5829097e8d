// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/probes.hpp"

#include <deque>
#include <optional>
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

    std::optional<nfv_event> next();
    /// Drops the changes of rulesets that have been seen up to now.
    void forget_changes();
    std::vector<nfv_event> take_private();

  private:
    Probes& probes_;
    std::uint32_t private_netns_;
    std::deque<nfv_event> events_;
    std::vector<nfv_event> private_events_;
};

} // namespace nflab::nfverdict

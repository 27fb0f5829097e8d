// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/bpf/event.h"

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace nflab::nfverdict {

/// Holds what the probe sites saw of nftables against what the decoy method saw. Pure.
class CrossCheck {
  public:
    /// One event of either method, in the ring buffer's order.
    void take(const nfv_event& event);

    /// No further event of the packets so far will come: what has no partner never will.
    void settle();

    /// Disagreements since the last call, for people.
    std::vector<std::string> take_disagreements();
    std::uint64_t agreements() const { return agreements_; }
    std::uint64_t disagreements() const { return disagreements_; }

  private:
    void complain(const nfv_event& event);

    std::deque<nfv_event> waiting_;
    std::vector<std::string> messages_;
    std::uint64_t agreements_ = 0;
    std::uint64_t disagreements_ = 0;
};

} // namespace nflab::nfverdict

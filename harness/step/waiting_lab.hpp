// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/step/start_lab.hpp"

#include <optional>
#include <vector>

namespace nflab::step {

/// A lab that is up before it is needed, for who runs one scenario again and again: each run has a
/// fresh lab and waits for none as long as nodes and networks stay the same.
class WaitingLab {
  public:
    /// The lab for this plan: the one that waits, when it was made for the same plan, else a new
    /// one, as start_lab() makes it. The plan becomes what was done.
    lab::Starting take(plan::Plan& plan, bool warm, const std::vector<TraceOrder>& orders,
                       Progress& progress);
    /// Whether the lab last taken was there already.
    bool was_waiting() const { return was_waiting_; }

    /// Starts a lab for the plan that was last taken; its name must be free again. Does nothing
    /// before the first take(). Throws Error as lab::Starting::start() does.
    void renew(Progress& progress);

  private:
    struct Order {
        plan::Plan plan;
        bool warm = false;
        std::vector<TraceOrder> traces;
    };
    struct Up {
        plan::Plan asked; ///< the plan before start_lab() changed it
        plan::Plan made;
        lab::Starting lab;
    };

    std::optional<Order> last_;
    std::optional<Up> up_;
    bool was_waiting_ = false;
};

} // namespace nflab::step

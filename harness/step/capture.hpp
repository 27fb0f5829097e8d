// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/lab/session.hpp"
#include "harness/scenario/model.hpp"
#include "harness/step/capture_outcome.hpp"

#include <memory>
#include <vector>

namespace nflab::step {

/// tcpdump in the nodes of a step's captures. Must not outlive the session.
class Captures {
  public:
    /// Starts all of them and waits until they see packets.
    /// Throws Error(lab) with tcpdump's own words where it cannot.
    Captures(lab::Session& session, const std::vector<scenario::Capture>& orders);
    ~Captures();
    Captures(const Captures&) = delete;
    Captures& operator=(const Captures&) = delete;

    /// Ends them, when all that their nodes' kernels have seen so far is written.
    std::vector<CaptureOutcome> finish();

  private:
    class One;
    std::vector<std::unique_ptr<One>> all_;
};

} // namespace nflab::step

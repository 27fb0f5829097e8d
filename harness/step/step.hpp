// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/base/progress.hpp"
#include "harness/lab/session.hpp"
#include "harness/scenario/model.hpp"
#include "harness/step/observer.hpp"
#include "harness/step/outcome.hpp"
#include "harness/step/send.hpp"
#include "harness/step/tracers.hpp"

#include <functional>
#include <vector>

namespace nflab::step {

/// Does the steps of a scenario in a lab that is up. Must not outlive what it is made with.
class StepRunner {
  public:
    using OnOutcome = std::function<void(StepOutcome)>;

    StepRunner(lab::Session& session, const scenario::Scenario& scenario, Tracers& tracers,
               Progress& progress);

    /// Does one step as often as it says, and holds its expectations against what was seen
    /// meanwhile. `done` is called for each repetition, and once for a step that was done until it
    /// held. Throws Error(bad_input) for a ruleset that its tool refuses, Error(lab) when a node
    /// fails.
    void run(const scenario::Step& step, const OnOutcome& done);

    /// What nobody wrote down as a step but is expected all the same: that the kernels had no
    /// reason to complain. Only called when they had.
    void look_back(const OnOutcome& done);

  private:
    StepOutcome run_once(const scenario::Step& step);
    void load(const std::string& name, const std::vector<scenario::Ruleset>& rulesets,
              StepOutcome& outcome);
    void act(const std::string& name, const std::vector<scenario::RunCommand>& commands,
             const scenario::Wait& wait, StepOutcome& outcome);
    void send(const scenario::Step& step, std::vector<Sending>& traffic, StepOutcome& outcome);
    void send_meanwhile(const scenario::Step& step, std::vector<Sending>& traffic,
                        StepOutcome& outcome);
    void pause(std::chrono::milliseconds time);

    lab::Session& session_;
    const scenario::Scenario& scenario_;
    Tracers& tracers_;
    Progress& progress_;
    Observer observer_;
};

} // namespace nflab::step

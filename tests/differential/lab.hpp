// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/lab/lab.hpp"
#include "harness/lab/session.hpp"
#include "harness/step/tracer.hpp"
#include "tests/differential/evidence.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace nflab::witness {

struct LabOptions {
    std::string kernel;    ///< as `nflab run --kernel` takes it; empty: the default
    std::string nfverdict; ///< a program to run instead of the guest's own; empty: none
    std::string keep;      ///< directory for the oracles' own words, overwritten by each run
    std::function<void(const std::string&)> progress;
};

/// client -- lan -- router (a guest) -- wan -- server. The ends are nfwitness on raw devices:
/// made-up addresses answer only what asks for it, so that nothing happens that the test did not
/// order.
class WitnessLab {
  public:
    /// Throws Error when the lab does not come up or nfverdict cannot observe it.
    explicit WitnessLab(const LabOptions& options);
    ~WitnessLab();
    WitnessLab(const WitnessLab&) = delete;
    WitnessLab& operator=(const WitnessLab&) = delete;

    const std::string& kernel_release() const;
    /// The engines that nfverdict observes here, in words.
    const std::string& method() const;

    /// What rulesets may use here.
    const Features& features() const;

    /// Loads the ruleset anew, forgets all connections, sends the packets and asks the witnesses.
    /// Throws Error(bad_input) when the guest refuses the ruleset, Error(lab) when the lab fails.
    Evidence run(const Ruleset& ruleset, const std::vector<Shot>& shots, const Names& names,
                 bool under_oracle);

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace nflab::witness

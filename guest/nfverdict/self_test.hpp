// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/intake.hpp"
#include "guest/nfverdict/netns.hpp"
#include "guest/nfverdict/ruleset_view.hpp"

#include <memory>
#include <string>

/// Known rules and known packets in a private network namespace, held against the records.
namespace nflab::nfverdict {

struct TestResult {
    enum class Outcome {
        passed,
        failed,
        not_possible, ///< a program is missing, or does not do as it should
        too_early,    ///< nothing is loaded yet that could be tried
    };
    Outcome outcome = Outcome::too_early;
    std::string detail; ///< what was exercised, what differed, or why it could not be done
};

/// nftables: accept, drop, jump, an element of a verdict map, and policy.
class NftTest {
  public:
    /// Sets the rules up. Both must outlive the test.
    NftTest(const Netns& netns, Intake& intake);

    /// One round of packets; only events of this method count.
    TestResult run(nfv_method wanted);

    /// That a rule which matches and goes on is told of; what was exercised. Throws Error(lab) when
    /// it is not.
    std::string run_passed();

  private:
    const Netns& netns_;
    Intake& intake_;
    std::shared_ptr<const NftSnapshot> snapshot_;
    std::string obstacle_; ///< why there are no rules
};

/// The same for legacy iptables, with whichever table is loaded: loading one would show in the
/// observed namespaces of older kernels.
TestResult test_xt(const Netns& netns, Intake& intake, bool ipv6);

} // namespace nflab::nfverdict

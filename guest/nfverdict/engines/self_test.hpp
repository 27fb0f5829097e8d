// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/kernel/netns.hpp"
#include "guest/nfverdict/probes/intake.hpp"
#include "guest/nfverdict/rulesets/ruleset_view.hpp"
#include "harness/verdict/record.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

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

/// Records of the test's namespace since the last call.
using SeenRecords = std::function<std::vector<verdict::Record>()>;

/// nftables: accept, drop, jump, an element of a verdict map, and policy.
class NftTest {
  public:
    /// Sets the rules up. `netns` must outlive the test.
    explicit NftTest(const Netns& netns);

    /// One round of packets; only events of this method count.
    TestResult run(Intake& intake, nfv_method wanted);
    /// The same for a method that sees whole base chains and no rules.
    TestResult run_whole(const SeenRecords& seen);

    /// That a rule which matches and goes on is told of; what was exercised. Throws Error(lab) when
    /// it is not.
    std::string run_passed(Intake& intake);

  private:
    TestResult compare_verdicts(const SeenRecords& seen, bool whole);

    const Netns& netns_;
    std::shared_ptr<const NftSnapshot> snapshot_;
    std::string obstacle_; ///< why there are no rules
};

/// The same for legacy iptables, with whichever table is loaded: loading one would show in the
/// observed namespaces of older kernels. Only events of this method count.
TestResult test_xt(const Netns& netns, Intake& intake, bool ipv6, nfv_method wanted);
/// For a method that sees whole tables and no rules.
TestResult test_whole_xt(const Netns& netns, bool ipv6, const SeenRecords& seen);

} // namespace nflab::nfverdict

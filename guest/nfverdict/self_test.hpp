// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/intake.hpp"
#include "guest/nfverdict/netns.hpp"

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

/// Accept, drop, jump and policy. Leaves its table behind, in the private namespace, for the next
/// round. `wanted` is the only method whose events count.
TestResult test_nft(const Netns& netns, Intake& intake, nfv_method wanted);

/// The same for legacy iptables, with whichever table is loaded: loading one would show in the
/// observed namespaces of older kernels.
TestResult test_xt(const Netns& netns, Intake& intake, bool ipv6);

} // namespace nflab::nfverdict

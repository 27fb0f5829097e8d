// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/expectation.hpp"

#include <chrono>
#include <string>
#include <vector>

/// Expectations about a node itself: which look at it answers them, and whether the answer is the
/// right one. Pure: whoever asks runs the programs.
namespace nflab::observe {

/// A program to run in the node. It changes nothing there: what it asks for by name must exist
/// already, since asking for a legacy table that does not would make it.
struct Look {
    std::vector<std::string> argv;
    std::chrono::milliseconds timeout{30'000};

    bool operator==(const Look&) const = default;
};

Look look(const scenario::Observation& observation);

/// What the program said.
struct Answer {
    int exit_code = 0;
    int signal = 0;
    bool timed_out = false;
    std::string out;
    std::string err; ///< or why it could not be started
};

struct Judgement {
    bool passed = false;
    std::string expected; ///< in words
    std::string seen;     ///< in words: what was there instead
};

/// `then` is an earlier answer to the same look, of those that ask for it (see needs_earlier), and
/// null for the others. What cannot be told does not pass, negated or not.
Judgement judge(const scenario::Expectation& expectation, const Answer& now, const Answer* then);

/// The snapshot whose answer to the same look is needed; empty for none.
std::string needs_snapshot(const scenario::Observation& observation);

/// Whether the answer from the beginning of the step is needed.
bool needs_beginning(const scenario::Observation& observation);

} // namespace nflab::observe

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/capture.hpp"
#include "harness/scenario/expectation.hpp"
#include "harness/scenario/position.hpp"
#include "harness/scenario/traffic.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

/// What a scenario does, one step after the other.
namespace nflab::scenario {

/// The tool that loads a ruleset text: `nftables` is `nft -f -`, the others are the *-restore of
/// that name; arptables-legacy, whose own is a Perl script, is loaded rule by rule.
struct Ruleset {
    std::string node;
    std::string engine;
    std::string text;
    std::string file; ///< where the text came from, when not inline
    Position where;   ///< of the first line of the text
};

struct RunCommand {
    std::string node;
    std::string command; ///< given to bash -c
    std::chrono::milliseconds timeout{30'000};
    int exit_code = 0; ///< what it must exit with
    Position where;
};

/// A time to wait for, or something that must become true.
struct Wait {
    std::chrono::milliseconds time{0};
    std::optional<Expectation> condition; ///< an observation with a deadline
};

/// How often something is done, and with which pause between.
struct Repeat {
    int times = 1;
    std::chrono::milliseconds interval{0};
};

/// What is done while a step's traffic is on its way.
struct Meanwhile {
    std::vector<Ruleset> apply;
    std::vector<RunCommand> run;
    Wait wait;
    Repeat repeat;
    Position where;
};

struct Step {
    std::string name;
    std::string restore; ///< name of a snapshot; empty: none
    std::vector<Ruleset> apply;
    std::vector<Capture> capture;
    std::vector<RunCommand> run;
    Wait wait;
    std::string snapshot; ///< its name; empty: none is taken
    std::vector<Send> send;
    std::vector<Meanwhile> during; ///< one after the other, while `send` is under way
    std::vector<Expectation> expect;
    Repeat repeat;
    /// The step is done again until all that it expects holds, at most for so long.
    std::optional<std::chrono::milliseconds> until;
    std::string kernels; ///< constraint on the release; empty: on each that the scenario is for
    Position where;
};

} // namespace nflab::scenario

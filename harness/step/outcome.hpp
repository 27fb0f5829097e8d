// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/plan/plan.hpp"
#include "harness/step/capture_outcome.hpp"
#include "harness/step/evidence.hpp"
#include "harness/step/traffic_outcome.hpp"
#include "harness/verdict/path.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

/// What happened, as plain values: made by the runner, read by the reports.
namespace nflab::step {

struct CommandOutcome {
    std::string node;
    std::string command;
    int exit_code = 0;
    int signal = 0;
    bool timed_out = false;
    std::string out;
    std::string err;
};

struct Check {
    std::string expectation; ///< as written in the scenario
    int line = 0;            ///< where, in the scenario file
    bool passed = false;
    std::string expected;           ///< in words
    std::string seen;               ///< in words: what was there instead
    std::vector<std::size_t> paths; ///< indices into StepOutcome::paths that bear on it
};

/// What a node was like when the scenario asked for a snapshot.
struct NodeSnapshot {
    std::string name;
    std::string node;
    std::map<std::string, std::string> parts; ///< text by scenario::snapshot_parts
};

struct StepOutcome {
    std::string name;
    std::vector<AppliedRuleset> applied;
    /// What the steps before had applied; with `listings`, and only where a report or a failure
    /// asks for them, since listing takes the guest's time.
    std::vector<AppliedRuleset> applied_before;
    std::vector<RulesetListing> listings;
    std::vector<CommandOutcome> commands;
    std::vector<verdict::SentPacket> sent;
    std::vector<CaptureOutcome> captures;
    std::vector<TrafficOutcome> traffic;
    std::vector<verdict::PacketPath> paths;
    std::vector<Check> checks;
    std::vector<NodeSnapshot> snapshots;
    std::chrono::milliseconds duration{};

    bool passed() const;
};

/// How one node was observed.
struct Observation {
    std::string node;
    std::string method; ///< "site", "decoy", …, per engine in words
    std::vector<std::string> notices;
    std::uint64_t records = 0;
    std::uint64_t lost = 0; ///< events that the kernel could not hand over
};

struct CellOutcome {
    enum class Status { passed, failed, skipped, error };
    Status status = Status::passed;
    std::string reason; ///< of skipped and error
    std::string hint;
    std::string scenario_name;
    std::string scenario_file;
    std::string kernel_name;
    std::string kernel_release;
    std::string kernel_package; ///< empty for a kernel that the user handed over
    std::string command_line;   ///< what the guests' kernels were started with
    std::string boot;           ///< fast or faithful
    std::string accelerator;    ///< kvm or tcg
    std::string accelerator_reason;
    std::vector<std::string> alterations; ///< what differs from the distribution's own boot
    std::vector<std::pair<std::string, std::chrono::milliseconds>> phases;
    std::vector<Observation> observations;
    std::vector<StepOutcome> steps;
    std::string reproduce; ///< the command that repeats this cell
    std::chrono::system_clock::time_point began;
    std::string scenario_text; ///< the file; empty when it could not be read
    std::vector<plan::Network> networks;
    std::vector<plan::Node> nodes;
    std::vector<ConsoleText> consoles; ///< only where reports ask for them

    std::uint64_t lost() const;
};

} // namespace nflab::step

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/capture.hpp"
#include "harness/scenario/expectation.hpp"
#include "harness/scenario/position.hpp"
#include "harness/scenario/topology.hpp"
#include "harness/scenario/traffic.hpp"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

/// A scenario as written, read and checked (docs/scenarios.md). Plain values: no I/O, no kernel.
namespace nflab::scenario {

enum class Boot { fast, faithful };

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

struct Step {
    std::string name;
    std::vector<Ruleset> apply;
    std::vector<Capture> capture;
    std::vector<RunCommand> run;
    std::vector<Send> send;
    std::vector<Expectation> expect;
    std::string kernels; ///< constraint on the release; empty: on each that the scenario is for
    Position where;
};

struct Scenario {
    std::string name;
    /// What `with` gave this one, by parameter; a value that is no text in YAML's flow style.
    std::vector<std::pair<std::string, std::string>> parameters;
    std::string summary;
    std::string origin;
    std::vector<std::string> requires_features;
    std::string kernels; ///< constraint on the release, e.g. ">=5.10"; empty: any
    Boot boot = Boot::fast;
    std::vector<Network> networks;
    std::vector<Node> nodes;
    std::vector<Step> steps;
    std::string file;                  ///< as the user named it
    std::vector<std::string> included; ///< files numbered 1 and up in Position::file

    /// "name" or "name [engine=iptables-nft, port=80]": no two of a file are the same.
    std::string full_name() const;
    /// The file that a part of the scenario stands in.
    const std::string& file_of(Position where) const;
    const Node* find_node(const std::string& node_name) const;
    const Network* find_network(const std::string& network_name) const;
};

} // namespace nflab::scenario

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/position.hpp"
#include "harness/scenario/step.hpp"
#include "harness/scenario/topology.hpp"

#include <string>
#include <utility>
#include <vector>

/// A scenario as written, read and checked (docs/scenarios.md). Plain values: no I/O, no kernel.
namespace nflab::scenario {

enum class Boot { fast, faithful };

/// What the kernels of all vm nodes may say while the steps run.
struct QuietKernel {
    int level = 4; ///< these messages, and the more urgent ones; -1: whatever they like
    std::vector<std::string> allow; ///< but for those that hold one of these
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
    QuietKernel kernel_log;
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

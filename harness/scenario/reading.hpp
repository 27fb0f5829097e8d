// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/address.hpp"
#include "harness/scenario/fields.hpp"
#include "harness/scenario/model.hpp"
#include "harness/scenario/problems.hpp"
#include "harness/scenario/reader.hpp"

#include <string>
#include <vector>

/// What the parts of the reader share.
namespace nflab::scenario {

struct Reading {
    Scenario& scenario; ///< as far as it has been read
    Problems& problems;
    const FileReader& files;
    /// Networks and nodes are without mistakes, so that what depends on their addresses can be
    /// judged.
    bool topology_sound = true;
};

/// Each reads one part of the file into the scenario; nodes need the networks, and steps both.
void read_header(Reading& reading, const Fields& file);
void read_networks(Reading& reading, const Fields& file);
void read_nodes(Reading& reading, const Fields& file);
void read_steps(Reading& reading, const Fields& file);

/// Reads the `expect` list of the step, whose other parts have been read.
void read_expectations(Reading& reading, const Fields& fields, Step& step);

/// The node of that name; reports an unknown one and gives null.
const Node* require_node(Reading& reading, const Text& name);

/// The constraint on kernel releases that `kernels` says, or nothing; reports what is none.
std::string read_kernels(Reading& reading, const Fields& fields);

struct NameRule {
    std::string what; ///< "a node", "a network", …
    bool dots = false;
    std::size_t longest = 32;
};

/// Reports a name that is not of letters, digits, '-' and '_' (and '.', when the rule has dots),
/// too long, or that does not start with a letter or digit.
bool check_name(Reading& reading, const Text& name, const NameRule& rule);

/// The node's addresses, without prefix.
std::vector<Address> addresses_of(const Node& node);
bool has_address(const Node& node, bool ipv6);

} // namespace nflab::scenario

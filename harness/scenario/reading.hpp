// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/address.hpp"
#include "harness/scenario/fields.hpp"
#include "harness/scenario/model.hpp"
#include "harness/scenario/problems.hpp"
#include "harness/scenario/reader.hpp"

#include <string>
#include <string_view>
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

/// The number of a kernel message's level, 0 (emerg) to 7 (debug); -1 for any other word.
int log_level(std::string_view word);

/// Reads one expectation of the step, whose other parts have been read. With `observed`, it must be
/// about a node itself.
Expectation read_expectation(Reading& reading, const Value& value, const Step& step, bool observed);

/// Reports a snapshot that neither an earlier step takes nor this one, as far as it has been read.
void require_snapshot(Reading& reading, const Text& name, const Step& step);

/// The node of that name; reports an unknown one and gives null.
const Node* require_node(Reading& reading, const Text& name);

/// The constraint on kernel releases that `kernels` says, or nothing; reports what is none.
std::string read_kernels(Reading& reading, const Fields& fields);

/// The address that stands there, or all of the node of that name, in their shortest form; reports
/// an unknown node and one without addresses.
std::vector<std::string> read_host(Reading& reading, const Text& text);

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

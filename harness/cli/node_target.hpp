// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/lab/lab.hpp"

#include <string>
#include <vector>

namespace nflab::cli {

/// A node as the words of a command line name it.
struct NodeTarget {
    lab::Running lab;
    std::string node;
    std::vector<std::string> rest; ///< words after it
};

/// `words` are LAB NODE …; LAB may be left out while exactly one lab is up and no lab is called
/// like the node. Throws Error(bad_input) when words are missing, Error(lab) when the lab is not
/// up.
NodeTarget node_target(const std::vector<std::string>& words);

} // namespace nflab::cli

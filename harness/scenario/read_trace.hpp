// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/document.hpp"
#include "harness/scenario/model.hpp"
#include "harness/scenario/problems.hpp"

namespace nflab::scenario {

/// A node's `trace`: a word or a mapping. Null leaves the node untraced.
void read_trace(const Value* value, Node& node, Problems& problems);

} // namespace nflab::scenario

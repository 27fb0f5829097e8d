// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/fields.hpp"
#include "harness/scenario/topology.hpp"

namespace nflab::scenario {

/// Turns `conntrack` of a node into the modules and sysctls that it stands for. A sysctl that the
/// node has already stays.
void read_conntrack(const Value* value, Node& node, Problems& problems);

} // namespace nflab::scenario

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/reading.hpp"

#include <vector>

namespace nflab::scenario {

/// Reads one node's part of an `apply` and adds its rulesets to the list. The texts end in a line
/// end, which the restore tools want. Reports a node whose kernel is not under test, files that
/// cannot be read and restore texts whose table no COMMIT follows: those load nothing and say
/// nothing.
void read_rulesets(Reading& reading, const Entry& entry, std::vector<Ruleset>& rulesets);

} // namespace nflab::scenario

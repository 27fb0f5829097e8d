// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/step/outcome.hpp"

#include <string>
#include <vector>

namespace nflab::report {

/// JUnit XML as CI systems read it: one test suite per cell, one test case per step.
std::string junit(const std::vector<step::CellOutcome>& cells);

} // namespace nflab::report

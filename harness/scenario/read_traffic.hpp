// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/reading.hpp"

namespace nflab::scenario {

/// Reads one entry of a step's `send`.
Send read_traffic(Reading& reading, const Value& value);

} // namespace nflab::scenario

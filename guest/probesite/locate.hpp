// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/probesite/data_flow.hpp"

namespace nflab::probesite {

/// Where a value can be read before an instruction: registers that calls preserve first, then the
/// others, then stack slots. Nothing when it is nowhere.
std::optional<Location> locate(DataFlow& flow, ControlFlow::Index at, ValueId value);

/// As locate, but refuses: `what` names the value to people.
Location require(DataFlow& flow, ControlFlow::Index at, ValueId value, const std::string& what);

/// The distance from rsp of a stack address before an instruction; refuses when rsp is not known.
std::int32_t distance_from_rsp(DataFlow& flow, ControlFlow::Index at, std::int64_t stack_offset);

} // namespace nflab::probesite

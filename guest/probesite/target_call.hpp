// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/probesite/control_flow.hpp"

namespace nflab::probesite {

/// In a function that walks a legacy table: the one indirect call that only matched entries come
/// to, which is the target's. Throws Refused unless there is exactly one.
ControlFlow::Index target_call(const ControlFlow& code, ControlFlow::Index matched);

} // namespace nflab::probesite

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/probesite/data_flow.hpp"

namespace nflab::probesite {

/// The detour that nft_do_chain takes at one place while a trace is on: from the branch `at` to
/// the call of a __nft_trace_* function.
struct TraceCall {
    ControlFlow::Index at = 0;       ///< the jump-label site or the conditional branch
    ControlFlow::Index call = 0;     ///< the call of `function`
    ControlFlow::Index untraced = 0; ///< where control goes from `at` while no trace is on
    std::string function;
    std::vector<DataFlow::StackStore> stores; ///< to the stack, between `at` and `call`
    MachineState state;                       ///< before the call
};

/// All such detours. `key` is nft_trace_enabled's place. Throws Refused.
std::vector<TraceCall> find_trace_calls(DataFlow& flow, Place key);

} // namespace nflab::probesite

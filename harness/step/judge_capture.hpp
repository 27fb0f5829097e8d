// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/model.hpp"
#include "harness/step/outcome.hpp"

namespace nflab::step {

/// Holds an expectation about a capture against what was captured; `expectation.capture` is set.
/// Pure.
Check judge_capture(const scenario::Expectation& expectation,
                    const std::vector<CaptureOutcome>& captures);

} // namespace nflab::step

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/reading.hpp"

namespace nflab::scenario {

/// Reads one entry of a step's `capture`; `step` holds those before it.
Capture read_capture(Reading& reading, const Value& value, const Step& step);

/// The `capture` and `filter` of an expectation of `step`, whose captures have been read.
CaptureMatch read_capture_match(Reading& reading, const Fields& fields, const Step& step);

} // namespace nflab::scenario

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/step/traffic_outcome.hpp"

#include <optional>
#include <string>

namespace nflab::step {

/// Reads what `iperf3 --client … --json` wrote into the outcome: bytes, seconds, rate, retransmits,
/// the text and the report itself. Returns why it did not come to its end, in iperf3's words, or
/// nothing. Pure.
std::optional<std::string> read_iperf3_report(const std::string& report, TrafficOutcome& outcome);

} // namespace nflab::step

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/reading.hpp"

namespace nflab::scenario {

/// Reads what a flood, an iperf3 run or a replay has beyond other traffic, into `send`.
void read_flood(Reading& reading, const Fields& fields, Send& send);
void read_iperf3(Reading& reading, const Fields& fields, Send& send);
void read_replay(Reading& reading, const Fields& fields, Send& send);

} // namespace nflab::scenario

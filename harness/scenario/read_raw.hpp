// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/reading.hpp"

namespace nflab::scenario {

/// Reads the `raw` of a `send` entry into `send`: packet, destination, family, protocol and port.
/// `size_given`: whether the entry has a `size`; without it only icmp and udp have a payload.
void read_raw(Reading& reading, const Value& value, bool size_given, Send& send);

} // namespace nflab::scenario

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/traffic/options.hpp"

#include <string>

namespace nflab::traffic {

/// Sends frames as they stand on standard input, and writes what comes to the node until it is
/// ended or its time is over (docs/formats/traffic.md). Returns why it could not, or nothing.
std::string send_frames(const FramesOptions& options);

} // namespace nflab::traffic

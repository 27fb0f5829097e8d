// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/traffic/options.hpp"

#include <string>

namespace nflab::traffic {

/// Sends datagrams as fast as they go, or at a rate, and reads them at the other end, both in this
/// one process; writes one line (docs/formats/traffic.md). Returns why it could not, or nothing.
std::string flood(const FloodOptions& options);

} // namespace nflab::traffic

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/traffic/options.hpp"

#include <string>

namespace nflab::traffic {

/// Sends all packets and waits until each has a reply, an error or its time-out.
/// Returns why nothing could be sent at all, or nothing.
std::string send_traffic(const SendOptions& options);

} // namespace nflab::traffic

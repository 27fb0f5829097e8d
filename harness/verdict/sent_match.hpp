// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/verdict/path.hpp"

#include <vector>

/// Finds out which of the packets that were sent a path belongs to. Pure.
namespace nflab::verdict {

/// Sets `sent` and `reply` of each path that can be one of them. Where several that were sent look
/// alike, they are taken in the order sent, and the path says that this is not certain.
void match_with_sent(const std::vector<SentPacket>& sent, std::vector<PacketPath>& paths);

} // namespace nflab::verdict

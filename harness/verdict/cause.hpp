// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/verdict/path.hpp"

#include <vector>

/// Finds out which record made a node send a packet of its own. Pure.
namespace nflab::verdict {

/// Sets `cause` of answers (a reject's TCP reset or ICMP error, an ICMP error about a packet that
/// no rule dropped) and of copies (dup, TEE); an answer belongs to what was sent with its cause.
/// Only what the headers prove is said. Paths keep their order.
void find_causes(std::vector<PacketPath>& paths);

} // namespace nflab::verdict

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/traffic/options.hpp"
#include "harness/base/unique_fd.hpp"

#include <vector>

namespace nflab::traffic {

/// Sockets that take what comes to these ports and say nothing, so that the node's kernel, which
/// knows nothing of packets that did not come from its sockets, does not refuse the answers to
/// them (a TCP reset, port unreachable). A port that somebody else has is left to them.
std::vector<UniqueFd> hold_ports(const std::vector<HeldPort>& ports);

} // namespace nflab::traffic

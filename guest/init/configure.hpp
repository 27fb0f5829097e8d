// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/channel/message.hpp"

#include <string>
#include <vector>

namespace nflab::agent {

/// What a node may change. A netns node shares its kernel with the machine that runs the lab.
enum class Scope {
    machine,    ///< a guest of its own
    netns_only, ///< never the clock, entropy, modules, or a sysctl outside net.
};

/// Applies everything that can be applied, in the order of Configuration, and returns what could
/// not be, each a message for a person. Blocks: it waits for network devices (5 s), for their
/// carrier (2 s; a link without one is no problem) and for modprobe (as long as that takes).
std::vector<std::string> configure(const channel::Configuration& configuration, Scope scope);

} // namespace nflab::agent

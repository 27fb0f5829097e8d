// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/channel/message.hpp"
#include "harness/plan/plan.hpp"

#include <string>

namespace nflab::lab {

/// What a node's agent is asked to set up: the plan's part of it, with every node's name and
/// addresses for /etc/hosts. Clock and entropy are left to the caller. Pure.
channel::Configuration configuration_of(const plan::Plan& plan, const plan::Node& node);

/// 64 bytes from the host's random pool, base64: a guest without hardware starts with none.
std::string fresh_entropy();

} // namespace nflab::lab

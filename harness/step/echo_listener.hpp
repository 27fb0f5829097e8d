// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/traffic.hpp"
#include "harness/step/node_program.hpp"

#include <cstdint>
#include <memory>

namespace nflab::step {

/// nftraffic's word for it: "ping", "tcp", …
const char* traffic_word(scenario::Protocol protocol);

/// An echo server at the node that `order` says, listening; null where nobody is to answer.
/// Throws Error(lab) when it cannot listen.
std::unique_ptr<NodeProgram> listen_for(lab::Session& session, const scenario::Send& order);

/// The address that `order` goes to: the node's first of the wanted family on a network that both
/// share, else its first one at all. Throws Error(bad_input) when it has none.
std::string destination_of(const plan::Plan& plan, const scenario::Send& order);

} // namespace nflab::step

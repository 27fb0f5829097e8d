// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/lab/session.hpp"
#include "harness/scenario/model.hpp"
#include "harness/verdict/path.hpp"

#include <vector>

namespace nflab::step {

/// Sends what one `send:` entry asks for, with a listener on the other end where it needs one, and
/// says for each packet what the sender saw. Throws Error(lab) when the traffic program fails.
std::vector<verdict::SentPacket> send(lab::Session& session, const scenario::Send& order);

/// The address that node `to` is sent to: the first of the wanted family on a network that both
/// share, else its first one at all. Empty when it has none.
std::string destination_address(const plan::Plan& plan, const std::string& from,
                                const std::string& to, bool ipv6);

} // namespace nflab::step

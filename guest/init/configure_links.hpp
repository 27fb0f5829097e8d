// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/channel/message.hpp"

#include <string>
#include <vector>

namespace nflab::agent {

/// The network part of configure(), of the namespace that the caller is in. First: loopback up;
/// devices found, those of inner namespaces moved there, the others named; links made; addresses.
void configure_devices(const channel::Configuration& configuration,
                       std::vector<std::string>& problems);

/// Last: routes, and what waits until everything is there.
void configure_routes(const channel::Configuration& configuration,
                      std::vector<std::string>& problems);

} // namespace nflab::agent

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/channel/message.hpp"

#include <string>
#include <vector>

namespace nflab::agent {

/// The network part of configure(): loopback up, devices, addresses, routes.
void configure_links(const channel::Configuration& configuration,
                     std::vector<std::string>& problems);

} // namespace nflab::agent

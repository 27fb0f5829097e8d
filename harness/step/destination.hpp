// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/model.hpp"

#include <string_view>

namespace nflab::step {

/// Reads where a packet is to go: "server" or "192.0.2.1" (ping), "server:80/tcp",
/// "192.0.2.1:53/udp",
/// "[2001:db8::1]:80/tcp", "2001:db8::1" (ping). Fills protocol, to, port and ipv6. Pure.
/// Throws Error(bad_input) that shows the grammar.
scenario::Send parse_destination(std::string_view text);

} // namespace nflab::step

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/base/unique_fd.hpp"

#include <chrono>
#include <string>

namespace nflab::agent {

/// The name under which the host offers the agent's virtio-serial port.
inline constexpr const char* port_name = "org.nflab.agent";

/// Waits for the port and opens it. Needs /sys and /dev; nothing of udev. Returns why there is
/// none, for a person, or nothing.
std::string open_port(std::chrono::milliseconds limit, UniqueFd& port);

} // namespace nflab::agent

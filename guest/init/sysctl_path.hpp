// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace nflab::agent {

/// The file of a sysctl, by the rule of sysctl(8): whichever of '.' and '/' comes first separates;
/// the other one is then part of a name ("net.ipv4.conf.eth0/1.forwarding" is eth0.1's).
/// Nothing when that would not be a file below /proc/sys.
std::optional<std::string> sysctl_path(std::string_view name);

} // namespace nflab::agent

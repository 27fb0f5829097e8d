// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/legacy/legacy.hpp"

#include <optional>
#include <string_view>

/// Names and numbers of the kernel's netfilter hooks. Pure.
namespace nflab::nfverdict {

/// "ip", "inet", … of NFPROTO_*; empty for an unknown one.
const char* family_name(unsigned protocol_family);

/// `protocol_family` is NFPROTO_* of the packet, `hook` the number that this family has for it.
const char* hook_name(unsigned protocol_family, unsigned hook);

/// Where legacy xtables hang a table in: include/uapi/linux/netfilter_ipv4.h and
/// netfilter_bridge.h. Nothing for a table that the engine does not have.
std::optional<int> legacy_priority(Legacy engine, std::string_view table, unsigned hook);

} // namespace nflab::nfverdict

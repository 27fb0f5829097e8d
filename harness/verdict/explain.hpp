// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/verdict/path.hpp"

#include <string>

/// Why a packet ended, in one sentence. Pure.
namespace nflab::verdict {

/// What decided and what would change it; where that is not known, what is. Empty when nothing
/// ended the packet and it did meet all hooks.
std::string explain(const PacketPath& path);

} // namespace nflab::verdict

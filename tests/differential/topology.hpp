// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/plan/plan.hpp"

#include <string>
#include <vector>

/// The lab of the witness test: client -- lan -- router (a guest) -- wan -- server, and once more
/// the client -- left -- a bridge in the router -- right -- the server. Pure.
namespace nflab::witness {

/// One wire: what hangs at its two ends.
struct WireEnds {
    std::string node; ///< client or server
    std::string device;
    std::string router_device;
};

/// In pairs: what comes in on one may leave by the other.
const std::vector<WireEnds>& wires();

plan::Plan make_plan(const std::string& name, plan::BootFiles boot);

/// For bash at the router, once: neighbours that need not be asked for, modules, empty tables of
/// legacy iptables, and nothing that depends on time. Prints "has legacy", "has nft_compat"
/// and "has egress" where the kernel can be asked for them.
std::string preparation(const std::string& lab);

} // namespace nflab::witness

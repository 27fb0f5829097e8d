// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/bpf/event.h"
#include "guest/nfverdict/packet/conntrack.hpp"
#include "guest/nfverdict/rulesets/ruleset_view.hpp"
#include "harness/verdict/record.hpp"

#include <optional>

/// From the kernel's raw event to the record that people read. Pure.
namespace nflab::nfverdict {

/// Everything that needs no ruleset: packet, conntrack, hook, devices, verdict, table and chain as
/// the kernel names them. The caller looks up the rule with explain_nft or explain_xt.
verdict::Record assemble(const nfv_event& event, const std::optional<ConntrackLayout>& layout);

/// For a drop that was in no hook: the devices of the packet itself. Those of the hook's state that
/// was found on the stack are of a hook that the packet has passed: a bridge's, for one, within
/// which the frame is taken in.
void take_own_devices(const nfv_event& event, verdict::Record& record);

/// As records and the "ready" line have it: "site", "decoy", …
const char* method_name(nfv_method method);

} // namespace nflab::nfverdict

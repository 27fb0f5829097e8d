// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/bpf/event.h"
#include "guest/nfverdict/rulesets/ruleset_view.hpp"
#include "harness/verdict/record.hpp"

/// Records of legacy xtables. Pure.
namespace nflab::nfverdict {

/// The part of a kernel verdict that is the same for all engines (include/uapi/linux/netfilter.h),
/// as a word; "" for an unknown one.
const char* final_verdict(std::uint32_t verdict);

/// The same of what a whole table or base chain returns: where an error is with NF_STOLEN, that is
/// NF_DROP_REASON.
const char* returned_verdict(std::uint32_t verdict);

/// What the event says by itself: engine, base chain, priority, verdict, target.
void assemble_xt(const nfv_event& event, verdict::Record& record);

/// Adds chain and the way to it, number, kind, target, text and comment. Nothing is added when
/// there are no candidates, or when they disagree or do not know the entry.
void explain_xt(const nfv_event& event, const Candidates<XtSnapshot>& candidates,
                verdict::Record& record);

} // namespace nflab::nfverdict

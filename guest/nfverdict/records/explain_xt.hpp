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

/// EBT_* of include/uapi/linux/netfilter_bridge/ebtables.h, or the offset of a chain, in this table
/// of ebtables, of an entry's standard target, any other target or a chain's policy.
const char* ebt_verdict(std::int32_t verdict, const std::string& table);

/// What the event says by itself: engine, base chain, priority, verdict, target.
void assemble_xt(const nfv_event& event, verdict::Record& record);

/// Adds chain and the way to it, number, kind, target, text and comment. Nothing is added when
/// there are no candidates, or when they disagree or do not know the entry.
void explain_xt(const nfv_event& event, const Candidates<XtSnapshot>& candidates,
                verdict::Record& record);

} // namespace nflab::nfverdict

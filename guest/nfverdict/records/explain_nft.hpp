// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/bpf/event.h"
#include "guest/nfverdict/rulesets/ruleset_view.hpp"
#include "harness/verdict/record.hpp"

namespace nflab::nfverdict {

/// Adds to an assembled record what the rulesets of its moment say: the chain and the way to it,
/// the rule's text and comment, the element of a verdict map, reject; and for a table of
/// iptables-nft and its siblings the engine and the rule's number. Nothing is added when there are
/// no candidates, or when they disagree or do not know the rule. Pure.
void explain_nft(const nfv_event& event, const Candidates<NftSnapshot>& candidates,
                 verdict::Record& record);

} // namespace nflab::nfverdict

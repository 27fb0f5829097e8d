// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/bpf/event.h"
#include "guest/nfverdict/rulesets/ruleset_view.hpp"
#include "harness/verdict/record.hpp"

/// The rule behind the verdict of a whole base chain or table (NFV_TABLE): told only where the
/// rules leave no other that could have given it, and then marked with the basis "inferred". A
/// match that drops by itself is not thought of. Pure.
namespace nflab::nfverdict {

void infer_nft(const nfv_event& event, const Candidates<NftSnapshot>& candidates,
               verdict::Record& record);
void infer_xt(const Candidates<XtSnapshot>& candidates, verdict::Record& record);

} // namespace nflab::nfverdict

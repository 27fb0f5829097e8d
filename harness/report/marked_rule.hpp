// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/report/ruleset_text.hpp"
#include "harness/step/outcome.hpp"

#include <optional>
#include <string>

/// Where a record's rule stands in the texts of a step. Pure.
namespace nflab::report {

struct MarkedLines {
    std::optional<Lines> lines;
    std::string why_not; ///< when nothing is marked: why, for people
};

/// In a ruleset as its node lists it: by handle or number, and only when the text there is the
/// record's.
MarkedLines mark_in_listing(const step::RulesetListing& listing, const verdict::Record& record);

/// In a ruleset as the scenario has it: the chain of the text must have as many rules as that of
/// the listing, and each of them the same verdicts, before the n-th of one is the n-th of the
/// other. `lines` count within the text.
MarkedLines mark_in_source(const step::AppliedRuleset& source, const step::RulesetListing& listing,
                           const verdict::Record& record);

/// Whether the text has the record's chain.
bool has_chain(const step::AppliedRuleset& source, const verdict::Record& record);

/// Whether a ruleset of the scenario is loaded into what this engine of a record walks.
bool is_of_engine(const step::AppliedRuleset& source, const std::string& engine);

/// The ruleset that was loaded last of those that have the record's chain; nullptr when there is
/// none.
const step::AppliedRuleset* source_of(const std::vector<step::AppliedRuleset>& applied,
                                      const verdict::Record& record);

/// The listing of a record's rules among those of its step; nullptr when there is none.
const step::RulesetListing* listing_of(const step::StepOutcome& step,
                                       const verdict::Record& record);

} // namespace nflab::report

// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/report/rule_place.hpp"

#include "harness/report/marked_rule.hpp"

#include <fmt/format.h>

namespace nflab::report {

std::string rule_place(const step::StepOutcome& outcome, const verdict::Record& record) {
    const step::RulesetListing* listing = listing_of(outcome, record);
    const step::AppliedRuleset* source = source_of(outcome.applied, record);
    if (!source)
        source = source_of(outcome.applied_before, record);
    if (!listing || !source)
        return {};
    const MarkedLines marked = mark_in_source(*source, *listing, record);
    return marked.lines ? fmt::format("{}:{}", source->file, source->line + marked.lines->first - 1)
                        : std::string();
}

} // namespace nflab::report

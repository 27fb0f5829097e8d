// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/observe/observe.hpp"

#include "harness/observe/finding.hpp"

#include <type_traits>
#include <variant>

namespace nflab::observe {

Look look(const scenario::Observation& observation) {
    return std::visit([](const auto& wanted) { return look_at(wanted); }, observation);
}

Judgement judge(const scenario::Expectation& expectation, const Answer& now, const Answer* then) {
    const Finding finding = std::visit(
        [&](const auto& wanted) {
            using Kind = std::decay_t<decltype(wanted)>;
            if constexpr (std::is_same_v<Kind, scenario::KernelLog>)
                return examine(wanted, now, then, expectation.count);
            else if constexpr (std::is_same_v<Kind, scenario::CounterValue> ||
                               std::is_same_v<Kind, scenario::Unchanged>)
                return examine(wanted, now, then);
            else
                return examine(wanted, now, expectation.count);
        },
        *expectation.observation);
    Judgement judgement;
    judgement.passed =
        finding.holds == (expectation.negated ? Finding::Holds::no : Finding::Holds::yes);
    judgement.expected = (expectation.negated ? "not: " : "") + finding.expected;
    if (!expectation.at.empty())
        judgement.expected += " at " + expectation.at;
    judgement.seen = finding.seen;
    return judgement;
}

std::string needs_snapshot(const scenario::Observation& observation) {
    if (const auto* counter = std::get_if<scenario::CounterValue>(&observation))
        return counter->since;
    if (const auto* unchanged = std::get_if<scenario::Unchanged>(&observation))
        return unchanged->since;
    return {};
}

bool needs_beginning(const scenario::Observation& observation) {
    return std::holds_alternative<scenario::KernelLog>(observation);
}

} // namespace nflab::observe

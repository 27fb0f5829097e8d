// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/model.hpp"

#include <string>
#include <vector>

/// Scenarios with one rule altered, which must not pass: what passes with any rules tests nothing.
namespace nflab::matrix {

struct Mutant {
    scenario::Scenario scenario;
    std::string what;    ///< "ip filter forward: 'tcp dport 23 drop' made 'tcp dport 23 accept'"
    std::string where;   ///< "file.yaml:31"
    std::string kernels; ///< those of the step that is altered; empty: on each
};

/// The scenario once with each of its rules and policies altered, in the order in which that is
/// likely to matter: first what the expectations name, in their order, each in the
/// ruleset that was loaded last before it, then the rest in the order
/// of the text. A verdict is turned round where there is one (accept and drop), and only then is
/// the rule left out. Rules that a step's command adds are left out with their command. Chosen by
/// the text of the rulesets alone: the tool that loads them may still refuse a mutant. Pure, and
/// the same for the same scenario.
std::vector<Mutant> mutants(const scenario::Scenario& scenario);

} // namespace nflab::matrix

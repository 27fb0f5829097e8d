// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/lab/session.hpp"
#include "harness/scenario/model.hpp"
#include "harness/step/outcome.hpp"

namespace nflab::step {

/// The program that loads a ruleset of this engine from its standard input.
std::vector<std::string> loader(const std::string& engine);

/// Loads one ruleset into its node. Throws Error(bad_input) with the tool's own complaint and the
/// scenario line it is about, when the tool refuses the text.
void apply(lab::Session& session, const scenario::Ruleset& ruleset, const std::string& file);

/// Runs one command of a step; an unexpected exit code is an ordinary outcome.
CommandOutcome run_command(lab::Session& session, const scenario::RunCommand& command);

} // namespace nflab::step

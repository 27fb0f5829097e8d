// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/document.hpp"
#include "harness/scenario/problems.hpp"

/// `defaults`: what need not be written at each place.
namespace nflab::scenario {

/// Takes `defaults` out of the document, checks its keys, and writes them wherever they are
/// missing: those of `vm` and `netns` into the nodes of that kind, those of `send` and `run` into
/// every order of a step, and those of `expect` into every expectation that says neither `reply`,
/// whose `at` is the sender, nor `dropped_by`, which without `at` is about every node.
void fill_defaults(Value& document, Problems& problems);

} // namespace nflab::scenario

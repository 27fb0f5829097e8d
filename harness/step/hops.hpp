// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/plan/plan.hpp"
#include "harness/verdict/path.hpp"

namespace nflab::step {

/// Distances over the networks that nodes share, for the order of nodes in a packet's path. Pure.
verdict::HopDistance hop_distance(const plan::Plan& plan);

} // namespace nflab::step

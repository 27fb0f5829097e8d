// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/model.hpp"

#include <string_view>

namespace nflab::scenario {

/// The scenario without the steps and expectations whose `kernels` do not admit this release (uname
/// -r). Its own `kernels` is not asked. Pure.
Scenario for_kernel(const Scenario& scenario, std::string_view release);

} // namespace nflab::scenario

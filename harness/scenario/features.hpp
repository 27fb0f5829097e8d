// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

namespace nflab::scenario {

/// The words of `requires:`, sorted. What each means for a kernel is kernel/features.hpp's.
const std::vector<std::string>& feature_names();

} // namespace nflab::scenario

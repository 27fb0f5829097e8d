// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/verdict/record.hpp"

#include <vector>

namespace nflab::verdict {

/// Puts the records of hook functions without rules among those of the chains of their hook, by
/// priority. They are told only when the hook has been walked, and a guest's clock may stand still
/// meanwhile (one of jiffies moves every 4 ms), so that time alone misplaces them. The others keep
/// their order, which is that of time.
void place_hook_functions(std::vector<Record>& records);

} // namespace nflab::verdict

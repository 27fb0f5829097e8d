// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace nflab::scenario {

/// The scenario format as JSON Schema, draft 7, made from the reader's key tables. Editors complete
/// and check by it; what a schema cannot say (addresses, names of nodes) only the reader checks.
nlohmann::ordered_json schema();

} // namespace nflab::scenario

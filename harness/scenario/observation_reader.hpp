// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/reading.hpp"

#include <string_view>

namespace nflab::scenario {

/// The key that makes an expectation one about a node itself (`command`, `counter`, …); empty when
/// none stands there.
std::string_view observation_key(const Fields& fields);

/// Reads what stands with this key. `node` is that of `at`, null when there is none; `step` is the
/// one that it stands in, as far as it has been read.
void read_observation(Reading& reading, const Fields& fields, std::string_view key,
                      Expectation& expectation, const Node* node, const Step& step);

/// Reports keys that only mean something in expectations about a node.
void refuse_observation_keys(Reading& reading, const Fields& fields);

} // namespace nflab::scenario

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/reading.hpp"

#include <optional>
#include <string>

namespace nflab::scenario {

/// Reads `by`: one engine with its chain, and perhaps the rule. Reports what no ruleset could ever
/// make true (a table that iptables does not have, a number for an nft rule, the policy of a chain
/// of one's own). Nothing when no chain is named.
std::optional<Decider> read_decider(Reading& reading, const Value& value);

/// Reports a table that the engine (as in `by`) does not have, and a chain of iptables' own that is
/// not in that table; `chain` may be empty.
void check_table(Reading& reading, const std::string& engine, const std::string& table,
                 const std::string& chain, Position where);

/// The hook of one of iptables' own chains: "forward" of "FORWARD"; empty for any other chain.
std::string built_in_hook(const Decider& decider);

} // namespace nflab::scenario

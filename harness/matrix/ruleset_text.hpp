// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace nflab::matrix {

/// A rule or a base chain's policy in the text of a ruleset. Read by its syntax alone: what the
/// words mean is left to the tool that loads the ruleset.
struct RulesetStatement {
    enum class Kind { rule, policy };
    Kind kind = Kind::rule;
    std::string chain;     ///< as `by` names it: "ip filter forward", "filter/FORWARD"
    std::string text;      ///< on one line
    std::size_t begin = 0; ///< bytes of the ruleset, end behind the last one; with the ';' of nft
    std::size_t end = 0;
    int line = 1;   ///< from 1, in the ruleset
    int number = 0; ///< of a rule in its chain, from 1, as the text has them
};

/// The rules and policies of a ruleset in their order. `engine` is a key of `apply`: `nftables`
/// has nft(8)'s syntax, blocks and commands; all others that of iptables-save.
std::vector<RulesetStatement> ruleset_statements(std::string_view engine, std::string_view text);

} // namespace nflab::matrix

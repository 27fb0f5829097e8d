// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/rulesets/ruleset_view.hpp"

#include <set>
#include <string>
#include <vector>

/// Reading the rulesets of the network namespace that the caller is in. Nothing is loaded and
/// nothing is changed by it: ask only for tables that are known to exist. Each throws Error(lab).
namespace nflab::nfverdict {

/// `of_xtables`: tables that are known to be made by iptables-nft and the like, beside those whose
/// rules show it.
NftSnapshot read_nft(const std::set<TableName>& of_xtables = {});

XtSnapshot read_xt(Legacy engine, const std::string& table);

} // namespace nflab::nfverdict

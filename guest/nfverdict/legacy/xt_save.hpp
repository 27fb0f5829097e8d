// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

/// The text of `iptables-save -t TABLE`. Pure.
namespace nflab::nfverdict {

/// Chain -> its rules in order, each as the whole line "-A CHAIN …".
using XtSave = std::map<std::string, std::vector<std::string>>;

XtSave parse_xt_save(std::string_view text);

/// The text of `arptables-legacy -L -n -v` or `ebtables-legacy -L`, made into the lines that
/// arptables-save and ebtables-save would print.
XtSave parse_chain_listing(std::string_view text);

/// The argument of "--comment", unquoted; empty when there is none.
std::string xt_comment(std::string_view rule);

} // namespace nflab::nfverdict

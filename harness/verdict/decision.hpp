// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/verdict/record.hpp"

#include <string>

/// One record in words: where, what was decided, and why. Pure.
namespace nflab::verdict {

/// True for legacy iptables and its relatives, and for their nft variants, whose users count rules
/// and write verdicts in capitals.
bool is_xtables(const Record& record);

/// True for drop, reject, stolen and queue: the packet did not go on by itself.
bool ends_packet(const Record& record);

/// True for drop and reject: whatever has the same sk_buff address later is another packet.
bool destroys_packet(const Record& record);

/// True for a drop that no rule did (engine none).
bool is_ruleless_drop(const Record& record);

/// The chain that took the decision: where the rule stands or, of a method that sees whole chains
/// and no rules, the base chain. Empty when it is not known.
const std::string& deciding_chain(const Record& record);

/// "filter INPUT > tcp > ssh" or "inet filter input > tcp"; of a hook function without rules, its
/// name and module; of a drop that no rule did, the stage.
std::string table_and_chain(const Record& record);

/// "iptables filter FORWARD", "nft ip nat postrouting", "no rule: rp_filter".
std::string place(const Record& record);

/// The rule of a record in one phrase: "policy DROP", "#2 ACCEPT (handle 7)", "handle 7 drop".
std::string decision(const Record& record);

/// What stands behind the decision, perhaps nothing: the rule as its tool prints it, in quotation
/// marks; the map element that decided; the kernel's drop reason and call site; "inferred".
std::string grounds(const Record& record);

/// Everything about one record in one line, without a line's end: time, hook, priority, packet,
/// place, decision and grounds. `node` stands before it where there are several.
std::string line(const Record& record, const std::string& node = {});

} // namespace nflab::verdict

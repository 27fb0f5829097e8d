// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/observe/observe.hpp"

#include <map>
#include <string>
#include <string_view>

/// The state of a node that a snapshot remembers: rulesets with their counters, sets, connections,
/// addresses, routes and network settings, as their tools print them.
namespace nflab::observe {

/// The program that prints all of it. It loads no module and makes no table.
Look snapshot_look();

/// What it printed, by part (scenario::snapshot_parts).
std::map<std::string, std::string> snapshot_parts_of(std::string_view text);

/// A part without what changes by itself: counters, handles, times left.
std::string settled(const std::string& part, std::string_view text);

/// The program that puts the rulesets of a snapshot back, to be given the snapshot's text: tables
/// that came since are emptied, counters begin anew, connections stay as they are.
Look restore_look();

} // namespace nflab::observe

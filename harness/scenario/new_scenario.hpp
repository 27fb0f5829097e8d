// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

/// A first scenario for people who have a case in mind and not yet the language. Pure.
namespace nflab::scenario {

struct NewScenario {
    std::string name;
    std::string topology = "router"; ///< of new_topologies()
    std::string engine = "nftables"; ///< of new_engines()
    std::string drop = "tcp/23";     ///< icmp, tcp/PORT or udp/PORT
    std::string pass = "tcp/80";     ///< the same, another
    std::string schema;              ///< path of schema.json for the editor; empty: none
};

struct Named {
    std::string_view name;
    std::string_view about;
};

/// "router": between two end points; "single": a guest that is talked to.
std::span<const Named> new_topologies();
/// The engines that new_scenario() has rules for; keys of `apply`.
std::span<const Named> new_engines();

/// What is wrong with the wishes, for people; empty when nothing is.
std::string wrong_wish(const NewScenario& wishes);

/// The text of a scenario that passes on every kernel that has the engine: a ruleset that drops
/// the one kind of packets and lets the other through, with comments that say what may be changed.
/// The wishes must be right.
std::string new_scenario(const NewScenario& wishes);

} // namespace nflab::scenario

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>

/// The four engines of legacy xtables. Pure.
namespace nflab::nfverdict {

enum class Legacy : std::uint8_t { iptables, ip6tables, arptables, ebtables };

inline constexpr std::array<Legacy, 4> all_legacy{Legacy::iptables, Legacy::ip6tables,
                                                  Legacy::arptables, Legacy::ebtables};

/// As records name it: "iptables", …
const char* name_of(Legacy engine);

/// NFPROTO_* of its tables.
std::uint8_t protocol_family(Legacy engine);

/// The engine whose tables are of that NFPROTO_*; iptables for any other number.
Legacy legacy_of(std::uint8_t protocol_family);

/// "PREROUTING", "INPUT", … by the hook's number in this engine's family; "" for any other number.
const char* builtin_chain(Legacy engine, unsigned hook);

} // namespace nflab::nfverdict

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/records/assemble.hpp"
#include "guest/nfverdict/records/explain_xt.hpp"

#include <cstring>

/// Events of legacy tables as the probes send them, and the records that come of them.
namespace nflab::nfverdict::test {

inline constexpr std::uint8_t ipv4 = 2;   ///< NFPROTO_IPV4
inline constexpr std::uint8_t bridge = 7; ///< NFPROTO_BRIDGE

/// In the table filter at hook 2, forward; `entry` is its offset in the table's blob.
inline nfv_event xt_event(std::uint32_t kind, std::uint32_t entry, std::int32_t verdict,
                          std::uint8_t family = ipv4) {
    nfv_event event{};
    event.kind = kind;
    event.method = NFV_SITE;
    event.ruleset = NFV_RULESET_XT;
    event.has_state = 1;
    event.pf = event.table_family = family;
    event.hook = 2;
    event.entry = entry;
    event.verdict = verdict;
    std::strcpy(event.table, "filter");
    return event;
}

inline verdict::Record explained(const nfv_event& event, const Candidates<XtSnapshot>& candidates) {
    verdict::Record record = assemble(event, {});
    explain_xt(event, candidates, record);
    return record;
}

} // namespace nflab::nfverdict::test

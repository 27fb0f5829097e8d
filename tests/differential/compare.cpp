// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/differential/compare.hpp"

#include "tests/differential/hearing.hpp"

namespace nflab::witness {

std::string name_of(Check check) {
    switch (check) {
    case Check::oracle_effect:
        return "with and without oracle";
    case Check::nft_trace:
        return "nft monitor trace";
    case Check::xt_trace:
        return "xt TRACE";
    case Check::counter:
        return "rule counters";
    case Check::conntrack:
        return "conntrack";
    case Check::conntrack_drops:
        return "conntrack -S";
    case Check::element:
        return "elements of verdict maps";
    case Check::fragments:
        return "bytes of fragments";
    case Check::capture:
        break;
    }
    return "capture";
}

Comparison compare(const std::vector<Shot>& shots, const Names& names, const Evidence& plain,
                   const Evidence& traced) {
    Hearing hearing(shots, names, plain, traced);
    hear_oracle_effect(hearing);
    hear_nft_trace(hearing);
    hear_xt_trace(hearing, Engine::iptables, traced.xt4);
    hear_xt_trace(hearing, Engine::ip6tables, traced.xt6);
    for (const auto& [evidence, records] :
         {std::pair{&plain, &hearing.plain_records}, {&traced, &hearing.traced_records}}) {
        hear_counters(hearing, *evidence);
        hear_conntrack(hearing, *evidence, *records);
        hear_conntrack_drops(hearing, *evidence);
        hear_elements(hearing, *records);
        hear_capture(hearing, *evidence, *records);
        hear_fragments(hearing, *evidence);
    }
    return std::move(hearing.out);
}

} // namespace nflab::witness

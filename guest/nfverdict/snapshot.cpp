// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/snapshot.hpp"

#include "guest/nfverdict/table_reader.hpp"
#include "harness/process/command.hpp"

#include <chrono>

namespace nflab::nfverdict {
namespace {

constexpr std::chrono::seconds program_limit{20};

const char* save_program(bool ipv6) {
    return ipv6 ? "ip6tables-legacy-save" : "iptables-legacy-save";
}

} // namespace

NftSnapshot read_nft() {
    NftSnapshot snapshot;
    snapshot.listing = parse_nft_listing(
        output_of({.argv = {"nft", "-a", "-s", "list", "ruleset"}, .timeout = program_limit}));
    for (const NftTable& table : snapshot.listing.tables) {
        const char* program = table.family == "ip6" ? "ip6tables-nft-save" : "iptables-nft-save";
        if (!is_iptables_nft(table) || find_program(program).empty())
            continue;
        const CommandResult save =
            run({.argv = {program, "-t", table.name}, .timeout = program_limit});
        if (save.ok())
            snapshot.saves[{table.family, table.name}] = parse_xt_save(save.out);
    }
    return snapshot;
}

XtSnapshot read_xt(bool ipv6, const std::string& table) {
    XtSnapshot snapshot;
    snapshot.entries = decode(read_table(ipv6 ? Legacy::ip6tables : Legacy::iptables, table));
    const char* program = save_program(ipv6);
    if (find_program(program).empty())
        return snapshot;
    const CommandResult save = run({.argv = {program, "-t", table}, .timeout = program_limit});
    if (save.ok())
        snapshot.save = parse_xt_save(save.out);
    return snapshot;
}

} // namespace nflab::nfverdict

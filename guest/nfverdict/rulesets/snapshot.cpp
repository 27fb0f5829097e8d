// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/rulesets/snapshot.hpp"

#include "guest/nfverdict/legacy/table_reader.hpp"
#include "guest/nfverdict/nft/interface_names.hpp"
#include "guest/nfverdict/nft/nft_batch.hpp"
#include "guest/nfverdict/nft/nft_netlink.hpp"
#include "guest/nfverdict/nft/xtables_nft.hpp"
#include "harness/process/command.hpp"

#include <chrono>
#include <optional>

namespace nflab::nfverdict {
namespace {

constexpr std::chrono::seconds program_limit{20};

// The two save programs of arptables and ebtables are Perl scripts around these listings.
std::vector<std::string> lister(Legacy engine, const std::string& table) {
    switch (engine) {
    case Legacy::iptables:
        return {"iptables-legacy-save", "-t", table};
    case Legacy::ip6tables:
        return {"ip6tables-legacy-save", "-t", table};
    case Legacy::arptables:
        return {"arptables-legacy", "-t", table, "-L", "-n", "-v"};
    case Legacy::ebtables:
        break;
    }
    return {"ebtables-legacy", "-t", table, "-L"};
}

// Nothing where xtables' tools do not know the table as theirs.
std::optional<XtablesNftTable> read_xtables_nft(const NftTable& table) {
    const XtablesNft* tool = xtables_tool(table);
    if (!tool)
        return {};
    XtablesNftTable out{tool->engine, {}};
    if (find_program(tool->save).empty())
        return out;
    std::vector<std::string> command{tool->save};
    if (table.family != "arp") // there is but one table, and the program has no option for it
        command.insert(command.end(), {"-t", table.name});
    const CommandResult save = run({.argv = command, .timeout = program_limit});
    if (is_incompatible(save.out) || is_incompatible(save.err))
        return {};
    if (save.ok())
        out.save = parse_xt_save(save.out);
    return out;
}

} // namespace

NftSnapshot read_nft(const std::set<TableName>& of_xtables) {
    NftSnapshot snapshot;
    if (!has_nft_tables())
        return snapshot;
    snapshot.code = read_nft_code();
    snapshot.interfaces = interface_names();
    snapshot.listing = parse_nft_listing(
        output_of({.argv = {"nft", "-a", "-s", "list", "ruleset"}, .timeout = program_limit}));
    for (const NftTable& table : snapshot.listing.tables) {
        const TableName name{table.family, table.name};
        const NftTableCode* code = snapshot.code.table(table.family, table.name);
        if (!of_xtables.contains(name) && !(code && has_xtables(*code)))
            continue;
        if (auto owned = read_xtables_nft(table))
            snapshot.xtables[name] = std::move(*owned);
    }
    return snapshot;
}

XtSnapshot read_xt(Legacy engine, const std::string& table) {
    XtSnapshot snapshot;
    snapshot.entries = decode(read_table(engine, table));
    const std::vector<std::string> command = lister(engine, table);
    if (find_program(command.front()).empty())
        return snapshot;
    const CommandResult listing = run({.argv = command, .timeout = program_limit});
    if (!listing.ok())
        return snapshot;
    const bool saves = engine == Legacy::iptables || engine == Legacy::ip6tables;
    snapshot.save = saves ? parse_xt_save(listing.out) : parse_chain_listing(listing.out);
    return snapshot;
}

} // namespace nflab::nfverdict

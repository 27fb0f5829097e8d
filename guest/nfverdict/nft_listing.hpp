// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// The text of `nft -a -s list ruleset`, taken apart as far as records need it. Pure.
namespace nflab::nfverdict {

struct NftRule {
    std::uint64_t handle = 0;
    std::string text; ///< on one line, without the handle
    std::string comment;
};

struct NftChain {
    std::string name;
    std::uint64_t handle = 0;
    bool base = false;
    std::vector<NftRule> rules;
};

struct NftTable {
    std::string family; ///< ip, ip6, inet, arp, bridge, netdev
    std::string name;
    std::uint64_t handle = 0;
    /// nft says so itself: "managed by iptables-nft", or a rule shows an xt expression.
    bool shows_xtables = false;
    std::vector<NftChain> chains;
};

struct NftListing {
    std::vector<NftTable> tables;

    const NftTable* table(std::string_view family, std::string_view name) const;
};

struct NftPlace {
    const NftChain* chain = nullptr;
    const NftRule* rule = nullptr;
    std::size_t number = 0; ///< of the rule in its chain, from 1
};

/// A table shares one sequence of handles among its chains and rules.
NftPlace find_rule(const NftTable& table, std::uint64_t handle);
const NftChain* find_chain(const NftTable& table, std::uint64_t handle);

/// True for a table of iptables-nft: a standard name and built-in chains in capitals, and nft shows
/// that xtables made it. A table that merely looks alike is somebody's own nft table.
bool is_iptables_nft(const NftTable& table);

/// Whether a rule has this statement, outside of any string.
bool has_statement(std::string_view rule, std::string_view word);

/// Never throws; lines that are not understood are skipped.
NftListing parse_nft_listing(std::string_view text);

} // namespace nflab::nfverdict

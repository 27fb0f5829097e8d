// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <map>
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
    std::vector<NftChain> chains;
    /// Elements of named verdict maps: "22 comment \"ssh\" : drop".
    std::map<std::string, std::vector<std::string>> verdict_maps;
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

/// The elements of the anonymous verdict map in a rule's text; empty when it has none, or several.
std::vector<std::string> anonymous_map(std::string_view rule);

/// Never throws; lines that are not understood are skipped.
NftListing parse_nft_listing(std::string_view text);

} // namespace nflab::nfverdict

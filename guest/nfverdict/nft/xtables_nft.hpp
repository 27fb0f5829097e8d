// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/nft/nft_code.hpp"
#include "guest/nfverdict/nft/nft_listing.hpp"

#include <string>

/// Tables of iptables-nft and its siblings. Pure.
namespace nflab::nfverdict {

struct XtablesNft {
    const char* engine = nullptr; ///< "iptables-nft", …
    const char* save = nullptr;   ///< the program that prints such tables
};

/// The tool that has tables of this family, name and base chains; nullptr when there is none. Any
/// nft user may make such a table, too: this alone does not say that it is the tool's.
const XtablesNft* xtables_tool(const NftTable& table);

/// A rule of it has what only xtables' tools make.
bool has_xtables(const NftTableCode& table);

/// Whether what the save program printed says that the table is not its own.
bool is_incompatible(const std::string& saved);

/// The number that the tool gives a rule: from 1, without what it shows as the chain's policy. 0
/// when the chain does not have it.
std::size_t xtables_number(const NftChain& chain, const NftTableCode& code, std::uint64_t handle);

} // namespace nflab::nfverdict

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/legacy/xt_blob.hpp"
#include "guest/nfverdict/legacy/xt_save.hpp"
#include "guest/nfverdict/nft/nft_code.hpp"
#include "guest/nfverdict/nft/nft_key_text.hpp"
#include "guest/nfverdict/nft/nft_listing.hpp"
#include "guest/nfverdict/nft/table_makers.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

/// What was known about a namespace's rulesets when a record was made.
namespace nflab::nfverdict {

/// A table of iptables-nft or one of its siblings.
struct XtablesNftTable {
    std::string engine; ///< "iptables-nft", …
    XtSave save;        ///< empty when the save program could not print it
};

/// nftables at one moment.
struct NftSnapshot {
    NftListing listing;
    NftCode code;
    std::map<TableName, XtablesNftTable> xtables;
    InterfaceNames interfaces;
};

/// One table of legacy xtables at one moment.
struct XtSnapshot {
    XtEntries entries;
    XtSave save;
};

/// Snapshots together with the ruleset transactions between which they were taken. A record that
/// fell between two snapshots is only explained where both say the same.
template <typename Snapshot>
using Candidates = std::vector<std::shared_ptr<const Snapshot>>;

} // namespace nflab::nfverdict

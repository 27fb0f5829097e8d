// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/nft_listing.hpp"
#include "guest/nfverdict/xt_blob.hpp"
#include "guest/nfverdict/xt_save.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

/// What was known about a namespace's rulesets when a record was made.
namespace nflab::nfverdict {

/// nftables at one moment.
struct NftSnapshot {
    NftListing listing;
    /// Of iptables-nft's tables: (family, table) -> text of its rules.
    std::map<std::pair<std::string, std::string>, XtSave> saves;
};

/// One table of legacy iptables at one moment.
struct XtSnapshot {
    XtEntries entries;
    XtSave save;
};

/// Snapshots together with the ruleset transactions between which they were taken. A record that
/// fell between two snapshots is only explained where both say the same.
template <typename Snapshot>
using Candidates = std::vector<std::shared_ptr<const Snapshot>>;

} // namespace nflab::nfverdict

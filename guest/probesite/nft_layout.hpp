// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/probesite/data_flow.hpp"

namespace nflab::probesite {

/// The layout of what nft_do_chain walks: struct nft_rule up to 5.16, struct nft_rule_dp since
/// (include/net/netfilter/nf_tables.h), told apart by the bit at which the 12-bit dlen lies.
/// Throws Refused.
RuleLayout rule_layout(DataFlow& nft_do_chain);

/// The offset of `name` in struct nft_table, from how nft_trace_notify comes to the string that it
/// puts into the message. Throws Refused.
std::uint32_t table_name_offset(const ElfModule& module,
                                const std::map<Place, JumpSite>& jump_sites);

} // namespace nflab::probesite

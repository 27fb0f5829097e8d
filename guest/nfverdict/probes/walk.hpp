// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace nflab::nfverdict {

/// A function of the kernel that walks rules.
enum class Walk { nft, iptables, ip6tables, arptables, ebtables };

/// "nft_do_chain", "ipt_do_table", …
const char* function_of(Walk walk);

} // namespace nflab::nfverdict

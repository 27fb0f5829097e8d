// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/nft/nft_code.hpp"

namespace nflab::nfverdict {

/// Asks the kernel for all rules and verdict maps of the network namespace that the caller is in.
/// Throws Error(lab).
NftCode read_nft_code();

} // namespace nflab::nfverdict

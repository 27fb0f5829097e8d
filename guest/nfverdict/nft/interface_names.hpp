// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/nft/nft_key_text.hpp"

namespace nflab::nfverdict {

/// The devices of the network namespace that the caller is in; empty when they cannot be read.
InterfaceNames interface_names();

} // namespace nflab::nfverdict

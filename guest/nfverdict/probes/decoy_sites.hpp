// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/kernel/kernel_types.hpp"
#include "guest/probesite/site.hpp"

namespace nflab::nfverdict {

/// What the decoy method needs, without any disassembly: function names from the kernel's symbols
/// and layouts from the module's type information. The sites in it stay empty.
/// Throws Error(lab) when the kernel does not tell.
probesite::NftSites decoy_sites(KernelTypes& types);

} // namespace nflab::nfverdict

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/bpf/config.h"
#include "guest/nfverdict/kernel/kernel_types.hpp"

namespace nflab::nfverdict {

/// How the programs come from a struct page to what is in it, in the running kernel; all 0 when
/// /proc/kcore or the type information does not tell.
nfv_pages kernel_pages(KernelTypes& types);

} // namespace nflab::nfverdict

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/base/unique_fd.hpp"

#include <cstdint>

namespace nflab::nfverdict {

/// A kprobe at an address of the kernel's code, as a perf event that a BPF program can be attached
/// to (perf_event_open(2), "kprobe PMU"); it goes with the descriptor. `on_return`: at the return
/// of the function that begins there. Invalid, with errno set, when the kernel does not take it.
UniqueFd open_kprobe(std::uint64_t address, bool on_return);

} // namespace nflab::nfverdict

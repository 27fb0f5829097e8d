// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <optional>

namespace nflab::traffic {

/// For how long processors have run something since the machine's start, interrupts that came
/// meanwhile included: rq_cpu_time of /proc/schedstat (Documentation/scheduler/sched-stats.rst).
/// The current slice of whoever is running is not in it yet. Nothing where the kernel does not
/// count (CONFIG_SCHEDSTATS). Where one instruction takes one nanosecond (QEMU's -icount shift=0),
/// these are instructions.
std::optional<std::chrono::nanoseconds> busy_time();

/// Waits until what the machine does by itself is all that is left to do, and says busy_time().
std::optional<std::chrono::nanoseconds> settled_busy_time();

} // namespace nflab::traffic

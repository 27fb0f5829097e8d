// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <span>

namespace nflab::nfverdict {

/// Calls the sink for every event of a page of the kernel's trace ring buffer, as one read(2) of
/// per_cpu/cpuN/trace_pipe_raw gives it, with its time in ns of the instance's trace_clock and its
/// bytes, which begin with the event's id. Stops at the first thing that is out of bounds. The
/// layout: struct buffer_data_page of kernel/trace/ring_buffer.c and struct ring_buffer_event of
/// include/linux/ring_buffer.h, of 64-bit kernels. Pure.
void parse_trace_page(
    std::span<const std::uint8_t> page,
    const std::function<void(std::uint64_t time, std::span<const std::uint8_t> event)>& sink);

} // namespace nflab::nfverdict

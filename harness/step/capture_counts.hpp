// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace nflab::step {

/// What tcpdump says about a capture, on SIGUSR1 and at its end.
struct CaptureCounts {
    std::uint64_t captured = 0; ///< written
    std::uint64_t received = 0; ///< by the filter in the kernel, those still to be written included
    std::uint64_t dropped = 0;  ///< by the kernel, for want of room
};

/// Reads the three lines ("3 packets captured", …), however they are separated; nothing while one
/// of them is missing. Pure.
std::optional<CaptureCounts> capture_counts(std::string_view words);

} // namespace nflab::step

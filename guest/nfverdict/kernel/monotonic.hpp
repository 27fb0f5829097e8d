// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <ctime>

namespace nflab::nfverdict {

/// CLOCK_MONOTONIC now, in ns, as records have it.
inline std::uint64_t monotonic_ns() {
    constexpr std::uint64_t per_second = 1'000'000'000;
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * per_second +
           static_cast<std::uint64_t>(now.tv_nsec);
}

} // namespace nflab::nfverdict

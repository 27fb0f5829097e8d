// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

namespace nflab::nfverdict {

/// How many ruleset transactions of an engine had begun and ended, since the probes are there.
struct Generation {
    std::uint32_t started = 0;
    std::uint32_t finished = 0;

    bool settled() const { return started == finished; }
    bool operator==(const Generation&) const = default;
};

} // namespace nflab::nfverdict

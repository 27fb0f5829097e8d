// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/bpf/event.h"

#include <array>
#include <cstdint>

namespace nflab::nfverdict {

/// How many ruleset transactions of a slot had begun and ended, since the probes are there.
struct Generation {
    std::uint32_t started = 0;
    std::uint32_t finished = 0;

    bool settled() const { return started == finished; }
    bool operator==(const Generation&) const = default;
};

/// Of all slots (guest/bpf/event.h).
using Generations = std::array<Generation, NFV_SLOTS>;

/// When something happened, as the transactions of the slot that it depends on go.
struct Moment {
    std::uint8_t slot = 0;
    Generation generation;
};

} // namespace nflab::nfverdict

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>

namespace nflab::nfverdict {

/// How much of what is kept between two probes may be there at a time.
constexpr std::size_t left_behind_at_most = 4096;

/// Before something is put there. A probe that was missed does not take out what another one has
/// put in, and that must not pile up.
template <typename Map>
void make_room(Map& map) {
    if (map.size() >= left_behind_at_most)
        map.clear();
}

} // namespace nflab::nfverdict

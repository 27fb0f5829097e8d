// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/verdict/record.hpp"

#include <array>
#include <cstddef>
#include <optional>

/// Under which addresses one packet may be seen, address translation considered. Pure.
namespace nflab::verdict {

/// Both names of a packet whose connection is translated: as it came, and as it leaves.
struct FlowNames {
    std::array<Tuple, 3> names; ///< the packet's own first
    std::size_t count = 1;
    bool reply = false; ///< travels in the connection's reply direction
};
FlowNames flow_names(const Record& record);

bool same_end_points(const Tuple& a, const Tuple& b);
bool same_addresses(const Tuple& a, const Tuple& b);
Tuple inverse(const Tuple& tuple);
/// Addresses and ports of a packet; of an echo, its id stands for both ports.
Tuple tuple_of(const Packet& packet);

/// Whether two sightings may be of one flow in the same direction, address translation considered.
/// Where ports are not known of both, addresses must do.
bool same_flow(const Record& a, const Record& b);

} // namespace nflab::verdict

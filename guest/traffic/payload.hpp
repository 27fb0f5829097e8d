// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nflab::traffic {

/// What every packet of ours carries, readable in any capture: "nflab", the run as 8 hex digits,
/// the packet's number as 8 hex digits, then a-z again and again up to the wanted size.
struct Mark {
    std::uint32_t run = 0;    ///< random, the same in all packets of one nftraffic
    std::uint32_t number = 0; ///< 0 for the first packet
    bool operator==(const Mark&) const = default;
};

/// Precondition: size >= min_size.
std::string make_payload(Mark mark, std::size_t size);

std::optional<Mark> parse_mark(std::string_view payload);

} // namespace nflab::traffic

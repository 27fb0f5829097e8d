// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace nflab::scenario {

/// Which numbers will do, both ends included.
struct Range {
    std::uint64_t least = 0;
    std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    std::string text; ///< as written, for messages

    bool contains(std::uint64_t number) const { return least <= number && number <= most; }

    /// "3", ">=3", ">3", "<=3", "<3", "3-5"; nothing for anything else and for what no number
    /// satisfies ("<0", "5-3").
    static std::optional<Range> parse(std::string_view text);
};

} // namespace nflab::scenario

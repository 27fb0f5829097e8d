// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What `nft list` prints, taken apart.
namespace nflab::observe {

struct Counted {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;
};

struct NftRule {
    std::uint64_t handle = 0; ///< 0: the listing was made without -a
    std::string text;         ///< on one line, without handle and numbers of counters
    std::string comment;
    std::optional<Counted> counted; ///< by its first counter of its own
};

/// The rules of a listing of one chain. A rule that nft spreads over lines is put together again.
std::vector<NftRule> nft_rules(std::string_view listing);

/// "packets 3 bytes 252", wherever that stands outside of quotes first.
std::optional<Counted> counted_in(std::string_view text);

/// The same text without the numbers of counters, quotas and times left.
std::string stateless(std::string_view text);

/// The elements of a listing of one set or map, each on one line.
std::vector<std::string> nft_elements(std::string_view listing);

} // namespace nflab::observe

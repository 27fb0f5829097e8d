// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/nft/nft_code.hpp"

#include <span>
#include <string>

/// Which element of a verdict map has decided. Pure.
namespace nflab::nfverdict {

/// An element, and from where to where it reaches, both ends included; the same key twice for a
/// single value. `element` is nullptr when the map has nothing for the key.
struct NftMatch {
    const NftMapElement* element = nullptr;
    std::vector<std::uint8_t> first;
    std::vector<std::uint8_t> last;
};

/// What the kernel's lookup finds for a key of `map.key_size` bytes.
NftMatch find_element(const NftVerdictMap& map, std::span<const std::uint8_t> key);

/// "drop", "jump other": the element's verdict in nft's words; empty for one that nft does not
/// have.
std::string verdict_text(const NftMapElement& element);

} // namespace nflab::nfverdict

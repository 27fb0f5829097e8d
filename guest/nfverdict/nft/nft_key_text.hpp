// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/nft/nft_element.hpp"

#include <map>
#include <string>
#include <vector>

/// Keys of verdict maps in nft's own words. Pure.
namespace nflab::nfverdict {

using InterfaceNames = std::map<std::uint32_t, std::string>; ///< by index

/// Everything that `nft list` may print for the key of this element: names or numbers, a prefix or
/// a range. The caller looks which of them the listing has. Empty for a type that is not known.
std::vector<std::string> key_texts(const NftVerdictMap& map, const NftMatch& match,
                                   const InterfaceNames& interfaces);

/// The element as the listing has it, "22 comment \"ssh\" : drop"; `listed` are the map's elements
/// there. Where the listing has none that is certainly this one, the key's bytes are shown:
/// "0x0016 : drop".
std::string element_text(const NftVerdictMap& map, const NftMatch& match,
                         const std::vector<std::string>& listed, const InterfaceNames& interfaces);

} // namespace nflab::nfverdict

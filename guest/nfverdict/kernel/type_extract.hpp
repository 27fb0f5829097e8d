// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/kernel/type_info.hpp"

#include <string>

namespace nflab::nfverdict {

/// Type information of its own that has everything of these names (structures, unions, enumerations
/// and typedefs) and all that is embedded in it. Pointers lead nowhere in it: it says where members
/// lie, not what they point to; BPF's relocations ask for no more. Pure.
std::vector<std::uint8_t> extract_types(const TypeInfo& types,
                                        const std::vector<std::string_view>& names);

} // namespace nflab::nfverdict

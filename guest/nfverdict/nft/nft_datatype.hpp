// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

/// nft's types of keys, by the numbers that it stores with a set (enum datatypes of its
/// include/datatype.h; the kernel only keeps them). Pure.
namespace nflab::nfverdict {

/// Bytes of a value in a concatenation; 0 for a type whose size depends on the expression, or that
/// is not known.
std::size_t datatype_size(unsigned datatype);

bool is_interface_name(unsigned datatype);

/// Everything that nft may print for a value: a name where it has one, and the number. Numbers of
/// this machine's byte order are in network order in a set with ranges. Empty for unknown types.
std::vector<std::string> value_texts(unsigned datatype, std::span<const std::uint8_t> bytes,
                                     bool in_ranges,
                                     const std::map<std::uint32_t, std::string>& interfaces);

} // namespace nflab::nfverdict

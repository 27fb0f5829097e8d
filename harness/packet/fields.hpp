// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/packet/layer.hpp"

#include <span>
#include <string_view>

/// Where the fields of each header lie: RFC 791, 792, 768, 826, 4443, 8200, 9260, 9293, IEEE 802.3.
namespace nflab::packet {

/// A number, most significant bit first.
struct NumberField {
    std::string_view name;
    unsigned bit = 0;   ///< of its most significant bit, from the header's begin
    unsigned width = 0; ///< bits
    unsigned unit = 1;  ///< what one stands for: fragments are counted in 8 bytes
};

/// An address.
struct BytesField {
    std::string_view name;
    unsigned offset = 0;
    unsigned size = 0;
};

struct HeaderShape {
    unsigned size = 0; ///< bytes, without options
    std::span<const NumberField> numbers;
    std::span<const BytesField> addresses;
};

const HeaderShape& shape_of(Header header);

} // namespace nflab::packet

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/packet/layer.hpp"
#include "harness/scenario/reading.hpp"

#include <string>

namespace nflab::scenario {

/// A key of `raw` and the header that it is.
struct LayerKey {
    std::string_view name;
    packet::Header header = packet::Header::ipv4;
    const Object* object = nullptr;
};

/// Reads one header of a raw packet.
packet::Layer read_layer(Reading& reading, const Value& value, const LayerKey& key);

/// The bytes of a hexadecimal text; empty with a report when it is none.
packet::Bytes read_hex(Reading& reading, const Text& text);

/// The address that an address or a node's name stands for: the node's first of that family.
/// Nothing, with a report, when there is none.
std::optional<Address> read_host(Reading& reading, const Text& text, bool ipv6);

} // namespace nflab::scenario

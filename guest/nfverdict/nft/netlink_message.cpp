// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/nft/netlink_message.hpp"

#include <linux/netlink.h>

#include <algorithm>
#include <cstring>

namespace nflab::nfverdict {
namespace {

std::uint64_t big_endian(std::span<const std::uint8_t> bytes, std::size_t size) {
    if (bytes.size() < size)
        return 0;
    std::uint64_t value = 0;
    for (const std::uint8_t byte : bytes.first(size))
        value = value << 8 | byte;
    return value;
}

} // namespace

std::string Attribute::text() const {
    const auto end = std::find(payload.begin(), payload.end(), 0);
    return {payload.begin(), end};
}

std::uint32_t Attribute::u32() const {
    return static_cast<std::uint32_t>(big_endian(payload, 4));
}

std::uint64_t Attribute::u64() const {
    return big_endian(payload, 8);
}

Attributes::Attributes(std::span<const std::uint8_t> bytes) {
    nlattr header{};
    while (bytes.size() >= sizeof(header)) {
        std::memcpy(&header, bytes.data(), sizeof(header));
        if (header.nla_len < sizeof(header) || header.nla_len > bytes.size())
            return;
        all_.push_back({static_cast<unsigned>(header.nla_type & NLA_TYPE_MASK),
                        bytes.subspan(sizeof(header), header.nla_len - sizeof(header))});
        bytes = bytes.subspan(std::min<std::size_t>(NLA_ALIGN(header.nla_len), bytes.size()));
    }
}

const Attribute* Attributes::find(unsigned type) const {
    const auto found = std::find_if(all_.begin(), all_.end(), [type](const Attribute& attribute) {
        return attribute.type == type;
    });
    return found == all_.end() ? nullptr : &*found;
}

Attributes Attributes::nested(unsigned type) const {
    const Attribute* found = find(type);
    return Attributes(found ? found->payload : std::span<const std::uint8_t>());
}

std::string Attributes::text(unsigned type) const {
    const Attribute* found = find(type);
    return found ? found->text() : std::string();
}

std::optional<std::uint32_t> Attributes::u32(unsigned type) const {
    const Attribute* found = find(type);
    return found ? std::optional(found->u32()) : std::nullopt;
}

} // namespace nflab::nfverdict

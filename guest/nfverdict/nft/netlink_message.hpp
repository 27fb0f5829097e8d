// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// Reading netlink attributes (struct nlattr, man 7 netlink) out of bytes. Pure; what does not fit
/// into the bytes ends the reading, nothing is read beyond them.
namespace nflab::nfverdict {

struct Attribute {
    unsigned type = 0; ///< without NLA_F_NESTED and NLA_F_NET_BYTEORDER
    std::span<const std::uint8_t> payload;

    /// Up to the first NUL.
    std::string text() const;
    /// 4 or 8 bytes in network order, as nf_tables sends all its numbers; 0 when there are fewer.
    std::uint32_t u32() const;
    std::uint64_t u64() const;
};

class Attributes {
  public:
    explicit Attributes(std::span<const std::uint8_t> bytes);

    auto begin() const { return all_.begin(); }
    auto end() const { return all_.end(); }
    const Attribute* find(unsigned type) const;
    /// The nested attributes of this type; none when it is not there.
    Attributes nested(unsigned type) const;
    std::string text(unsigned type) const;
    std::optional<std::uint32_t> u32(unsigned type) const;

  private:
    std::vector<Attribute> all_;
};

} // namespace nflab::nfverdict

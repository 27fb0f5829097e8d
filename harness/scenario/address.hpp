// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

/// IPv4 and IPv6 addresses and networks as numbers.
namespace nflab::scenario {

class Address {
  public:
    /// Dotted quad or IPv6 text, without prefix or zone; nothing for anything else.
    static std::optional<Address> parse(std::string_view text);

    bool ipv6() const { return ipv6_; }
    int bits() const { return ipv6_ ? 128 : 32; }
    /// Shortest form, as the kernel and inet_ntop(3) print it.
    std::string text() const;
    /// The address with all bits behind the first `prefix` cleared or set.
    Address masked(int prefix, bool set_host_bits) const;

    friend bool operator==(const Address& a, const Address& b) = default;
    friend bool operator<(const Address& a, const Address& b) {
        return std::tie(a.ipv6_, a.bytes_) < std::tie(b.ipv6_, b.bytes_);
    }

  private:
    bool ipv6_ = false;
    std::array<std::uint8_t, 16> bytes_{};
};

/// An address and how many of its first bits are the network's.
struct Subnet {
    Address address;
    int prefix = 0;

    /// "192.168.4.0/24"; nothing when there is no "/", or the prefix is out of range.
    static std::optional<Subnet> parse(std::string_view text);

    std::string text() const;
    bool contains(const Address& other) const;
    /// The address with no host bits: names the network itself.
    Address first() const { return address.masked(prefix, false); }
    /// The address with all host bits: IPv4's broadcast.
    Address last() const { return address.masked(prefix, true); }
    /// Whether first (and for IPv4 last) are not for hosts: not so for /31, /32, /127 and /128
    /// (RFC 3021, RFC 6164).
    bool reserves_ends() const { return prefix <= address.bits() - 2; }
};

} // namespace nflab::scenario

// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/address.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <charconv>

namespace nflab::scenario {

std::optional<Address> Address::parse(std::string_view text) {
    const std::string copy(text);
    Address address;
    if (::inet_pton(AF_INET, copy.c_str(), address.bytes_.data()) == 1)
        return address;
    address.ipv6_ = true;
    if (::inet_pton(AF_INET6, copy.c_str(), address.bytes_.data()) == 1)
        return address;
    return std::nullopt;
}

std::string Address::text() const {
    std::array<char, INET6_ADDRSTRLEN> buffer{};
    ::inet_ntop(ipv6_ ? AF_INET6 : AF_INET, bytes_.data(), buffer.data(), buffer.size());
    return buffer.data();
}

Address Address::masked(int prefix, bool set_host_bits) const {
    Address result = *this;
    for (int bit = prefix; bit < bits(); ++bit) {
        auto& byte = result.bytes_.at(static_cast<std::size_t>(bit / 8));
        const unsigned mask = 0x80U >> static_cast<unsigned>(bit % 8);
        byte = static_cast<std::uint8_t>(set_host_bits ? byte | mask : byte & ~mask);
    }
    return result;
}

std::optional<Subnet> Subnet::parse(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos)
        return std::nullopt;
    const auto address = Address::parse(text.substr(0, slash));
    const std::string_view digits = text.substr(slash + 1);
    int prefix = -1;
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), prefix);
    if (!address || error != std::errc{} || end != digits.end() || prefix < 0 ||
        prefix > address->bits())
        return std::nullopt;
    return Subnet{*address, prefix};
}

std::string Subnet::text() const {
    return fmt::format("{}/{}", address.text(), prefix);
}

bool Subnet::contains(const Address& other) const {
    return other.ipv6() == address.ipv6() && other.masked(prefix, false) == first();
}

} // namespace nflab::scenario

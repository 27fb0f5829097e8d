// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/init/address.hpp"

#include <arpa/inet.h>

#include <charconv>

namespace nflab::agent {

std::optional<Mac> parse_mac(std::string_view text) {
    Mac mac{};
    if (text.size() != 3 * mac.size() - 1)
        return std::nullopt;
    for (std::size_t i = 0; i < mac.size(); ++i) {
        const char* begin = text.data() + 3 * i;
        const auto [end, error] = std::from_chars(begin, begin + 2, mac[i], 16);
        if (error != std::errc{} || end != begin + 2 || (i + 1 < mac.size() && *end != ':'))
            return std::nullopt;
    }
    return mac;
}

std::string_view Prefix::address() const {
    return {reinterpret_cast<const char*>(bytes.data()), family == AF_INET ? 4U : 16U};
}

std::optional<Prefix> parse_prefix(const std::string& text) {
    const std::size_t slash = text.find('/');
    const std::string address = text.substr(0, slash);
    Prefix prefix;
    prefix.family = address.find(':') == std::string::npos ? AF_INET : AF_INET6;
    if (inet_pton(prefix.family, address.c_str(), prefix.bytes.data()) != 1)
        return std::nullopt;
    const unsigned longest = prefix.family == AF_INET ? 32 : 128;
    prefix.length = longest;
    if (slash != std::string::npos) {
        const char* last = text.data() + text.size();
        const auto [end, error] = std::from_chars(text.data() + slash + 1, last, prefix.length);
        if (error != std::errc{} || end != last || prefix.length > longest)
            return std::nullopt;
    }
    return prefix;
}

} // namespace nflab::agent

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

/// The words of a pcap-filter(7) expression. Pure.
namespace nflab::pcap {

struct Words {
    std::string expression; ///< with every name replaced
    std::string unknown;    ///< the first word that is neither the language's nor known; or empty
};

/// Replaces what is no word, number, address or port name of the language by what `address_of` has
/// for it. libpcap would ask name servers for it, so that nothing unknown may be left.
Words replace_names(
    std::string_view expression,
    const std::function<std::optional<std::string>(const std::string&)>& address_of);

} // namespace nflab::pcap

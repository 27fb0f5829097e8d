// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/init/address.hpp"
#include "harness/base/unique_fd.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nflab::agent {

struct Link {
    int index = 0;
    unsigned flags = 0; ///< IFF_*
    std::string name;
    Mac mac{};
    Mac permanent_mac{}; ///< zero where the device has none
    bool carrier = false;
};

/// A request to rtnetlink(7), being put together.
class NetlinkMessage {
  public:
    NetlinkMessage(std::uint16_t type, std::uint16_t flags);

    /// The fixed part of the message: ifinfomsg, ifaddrmsg, rtmsg. To be called once, first.
    template <typename T>
    NetlinkMessage& body(const T& value) {
        append(&value, sizeof(value));
        return *this;
    }
    NetlinkMessage& attribute(std::uint16_t type, std::string_view bytes);
    NetlinkMessage& attribute(std::uint16_t type, std::uint32_t value);

    std::string finish(std::uint32_t sequence) const;

  private:
    void append(const void* bytes, std::size_t size);

    std::string buffer_;
};

/// The kernel's routing socket of this network namespace. Each call waits for the kernel's answer,
/// which it gives at once. Errors are returned as text, empty: none.
class RouteSocket {
  public:
    std::string open();
    std::string request(const NetlinkMessage& message);
    std::string links(std::vector<Link>& out);
    /// One device. Linux from 6.8 on first applies a change of carrier that it had put off.
    std::string link(int index, Link& out);

    std::string set_up(int index);
    std::string set_down(int index);
    std::string rename(int index, const std::string& name);
    std::string set_mtu(int index, int mtu);
    std::string set_mac(int index, const Mac& mac);
    /// `network_namespace` is a descriptor of one.
    std::string move(int index, int network_namespace);
    /// An IPv6 address is usable at once: duplicate address detection is left out.
    std::string add_address(int index, const Prefix& address);
    /// `destination.length` 0 is the default route.
    std::string add_route(const Prefix& destination, const Prefix& next_hop);

  private:
    template <typename Handler>
    std::string exchange(const NetlinkMessage& message, const Handler& handler);

    UniqueFd fd_;
    std::uint32_t sequence_ = 0;
};

} // namespace nflab::agent

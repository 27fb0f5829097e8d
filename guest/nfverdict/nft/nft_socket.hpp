// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/base/unique_fd.hpp"

#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nflab::nfverdict {

/// The type of a netlink message to nf_tables.
constexpr std::uint16_t nft_message(int type) {
    return static_cast<std::uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | type);
}

/// Appends one nfnetlink message to a buffer; finish() completes it.
class NetlinkWriter {
  public:
    NetlinkWriter(std::vector<std::uint8_t>& out, std::uint16_t type, std::uint16_t flags,
                  std::uint8_t family, std::uint16_t resource = 0);

    void bytes(std::uint16_t attribute, std::span<const std::uint8_t> value);
    void u32(std::uint16_t attribute, std::uint32_t value); ///< in network order
    void text(std::uint16_t attribute, std::string_view value);
    template <typename Fill>
    void nest(std::uint16_t attribute, const Fill& fill) {
        const std::size_t start = out_.size();
        begin(static_cast<std::uint16_t>(attribute | NLA_F_NESTED));
        fill();
        end(start);
    }
    void finish();

  private:
    void begin(std::uint16_t attribute);
    void end(std::size_t start);

    std::vector<std::uint8_t>& out_;
    std::size_t start_;
};

/// The attributes of one message.
class NetlinkAttributes {
  public:
    explicit NetlinkAttributes(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
    /// Empty and 0 when there is no such attribute.
    std::string text(std::uint16_t attribute) const;
    std::uint64_t u64(std::uint16_t attribute) const; ///< from network order

  private:
    std::span<const std::uint8_t> find(std::uint16_t attribute) const;
    std::span<const std::uint8_t> bytes_;
};

/// Talks to the nf_tables of the network namespace in which it is made.
class NftSocket {
  public:
    NftSocket(); ///< Throws Error(lab).

    /// Sends a whole batch and waits until it is in force. Throws Error(lab) with what the kernel
    /// said.
    void transact(std::span<const std::uint8_t> messages);

    /// Calls `each` for every object that there is.
    void dump(std::uint16_t type, const std::function<void(const NetlinkAttributes&)>& each,
              std::uint8_t family = AF_INET);

  private:
    void send(std::span<const std::uint8_t> messages);
    /// False when there is nothing more to come.
    bool receive(const std::function<bool(const nlmsghdr&, std::span<const std::uint8_t>)>& take);

    UniqueFd socket_;
};

} // namespace nflab::nfverdict

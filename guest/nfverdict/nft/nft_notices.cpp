// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/nft/nft_notices.hpp"

#include "harness/base/error.hpp"

#include <fmt/format.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

namespace nflab::nfverdict {
namespace {

using Bytes = std::span<const std::uint8_t>;

void take_all(Bytes bytes, TableMakers& makers) {
    nlmsghdr header{};
    while (bytes.size() >= sizeof(header)) {
        std::memcpy(&header, bytes.data(), sizeof(header));
        if (header.nlmsg_len < NLMSG_HDRLEN || header.nlmsg_len > bytes.size())
            return;
        if (NFNL_SUBSYS_ID(header.nlmsg_type) == NFNL_SUBSYS_NFTABLES)
            makers.take(NFNL_MSG_TYPE(header.nlmsg_type),
                        bytes.subspan(NLMSG_HDRLEN, header.nlmsg_len - NLMSG_HDRLEN));
        bytes = bytes.subspan(std::min<std::size_t>(NLMSG_ALIGN(header.nlmsg_len), bytes.size()));
    }
}

} // namespace

NftNotices::NftNotices()
    : socket_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_NETFILTER)) {
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    const int group = NFNLGRP_NFTABLES;
    const int size = 4 << 20; // a large ruleset's notices; the memory is used by them only
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
    if (!socket_ ||
        ::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
        ::setsockopt(socket_.get(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) !=
            0)
        throw Error(Failure::lab, fmt::format("cannot listen to nftables' transactions: {}",
                                              std::strerror(errno)));
}

const TableMakers& NftNotices::catch_up() {
    std::vector<std::uint8_t> buffer(1U << 16U);
    while (true) {
        const ssize_t size = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_TRUNC);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0 && errno != ENOBUFS)
            return makers_;
        if (size < 0 || static_cast<std::size_t>(size) > buffer.size())
            makers_.forget();
        else
            take_all(Bytes(buffer).first(static_cast<std::size_t>(size)), makers_);
    }
}

} // namespace nflab::nfverdict

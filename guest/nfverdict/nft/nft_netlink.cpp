// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/nft/nft_netlink.hpp"

#include "guest/nfverdict/hooks/hook.hpp"
#include "guest/nfverdict/kernel/kernel_api.hpp"
#include "harness/base/error.hpp"
#include "harness/base/unique_fd.hpp"

#include <fmt/format.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>

namespace nflab::nfverdict {
namespace {

using Bytes = std::span<const std::uint8_t>;
using Sink = std::function<void(Bytes)>;

std::uint8_t protocol_family(const std::string& name) {
    for (unsigned family = 0; family < NFPROTO_NUMPROTO; ++family)
        if (name == family_name(family))
            return static_cast<std::uint8_t>(family);
    return NFPROTO_UNSPEC;
}

class NftSocket {
  public:
    NftSocket() : socket_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER)) {
        const timeval limit{10, 0}; // the kernel answers at once, or something is wrong
        if (!socket_ ||
            ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) != 0)
            fail(errno);
    }

    void dump(int type, std::uint8_t family, const std::vector<std::uint8_t>& attributes,
              const Sink& sink) {
        nlmsghdr header{};
        header.nlmsg_len =
            static_cast<std::uint32_t>(NLMSG_HDRLEN + sizeof(nfgenmsg) + attributes.size());
        header.nlmsg_type = static_cast<std::uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | type);
        header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
        header.nlmsg_seq = ++sequence_;
        const nfgenmsg generic{family, NFNETLINK_V0, 0};
        std::vector<std::uint8_t> request(header.nlmsg_len);
        std::memcpy(request.data(), &header, sizeof(header));
        std::memcpy(request.data() + NLMSG_HDRLEN, &generic, sizeof(generic));
        std::copy(attributes.begin(), attributes.end(),
                  request.begin() + NLMSG_HDRLEN + sizeof(generic));
        if (::send(socket_.get(), request.data(), request.size(), 0) < 0)
            fail(errno);
        while (receive(sink)) {
        }
    }

  private:
    [[noreturn]] static void fail(int error) {
        throw Error(Failure::lab, fmt::format("cannot ask the kernel for nftables' rules: {}",
                                              std::strerror(error)));
    }

    // False when the last message was there.
    bool receive(const Sink& sink) {
        buffer_.resize(1U << 16U);
        const ssize_t size = ::recv(socket_.get(), buffer_.data(), buffer_.size(), 0);
        if (size < 0 && errno == EINTR)
            return true;
        if (size <= 0)
            fail(size == 0 ? EPIPE : errno);
        Bytes bytes(buffer_.data(), static_cast<std::size_t>(size));
        nlmsghdr header{};
        while (bytes.size() >= sizeof(header)) {
            std::memcpy(&header, bytes.data(), sizeof(header));
            if (header.nlmsg_len < sizeof(header) || header.nlmsg_len > bytes.size())
                fail(EBADMSG);
            const Bytes payload = bytes.subspan(NLMSG_HDRLEN, header.nlmsg_len - NLMSG_HDRLEN);
            if (header.nlmsg_type == NLMSG_DONE)
                return false;
            if (header.nlmsg_type == NLMSG_ERROR) {
                int error = 0;
                if (payload.size() >= sizeof(error))
                    std::memcpy(&error, payload.data(), sizeof(error));
                fail(-error);
            }
            sink(payload);
            bytes =
                bytes.subspan(std::min<std::size_t>(NLMSG_ALIGN(header.nlmsg_len), bytes.size()));
        }
        return true;
    }

    UniqueFd socket_;
    std::uint32_t sequence_ = 0;
    std::vector<std::uint8_t> buffer_;
};

void append(std::vector<std::uint8_t>& out, std::uint16_t type, const std::string& text) {
    nlattr header{static_cast<std::uint16_t>(NLA_HDRLEN + text.size() + 1), type};
    const std::size_t start = out.size();
    out.resize(start + NLA_ALIGN(header.nla_len));
    std::memcpy(&out[start], &header, sizeof(header));
    std::memcpy(&out[start + NLA_HDRLEN], text.c_str(), text.size() + 1);
}

} // namespace

NftCode read_nft_code() {
    NftCode code;
    NftSocket socket;
    socket.dump(NFT_MSG_GETRULE, NFPROTO_UNSPEC, {}, [&](Bytes bytes) { code.take_rule(bytes); });
    socket.dump(NFT_MSG_GETSET, NFPROTO_UNSPEC, {}, [&](Bytes bytes) { code.take_set(bytes); });
    for (const auto& [key, table] : code.tables)
        for (const auto& [name, map] : table.verdict_maps) {
            std::vector<std::uint8_t> attributes;
            append(attributes, NFTA_SET_ELEM_LIST_TABLE, key.second);
            append(attributes, NFTA_SET_ELEM_LIST_SET, name);
            socket.dump(NFT_MSG_GETSETELEM, protocol_family(key.first), attributes,
                        [&](Bytes bytes) { code.take_elements(bytes); });
        }
    return code;
}

} // namespace nflab::nfverdict

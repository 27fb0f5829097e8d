// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/traffic/judge.hpp"

#include "guest/traffic/output.hpp"
#include "harness/base/unique_fd.hpp"

// The kernel's headers fit together with glibc's only in this order.
// clang-format off
#include <netinet/in.h>
#include <linux/netfilter.h>
// clang-format on
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

namespace nflab::traffic {
namespace {

// A message to nfnetlink_queue with one attribute.
struct Message {
    nlmsghdr header{};
    nfgenmsg generic{};
    nlattr attribute{};
    std::array<std::uint8_t, 8> value{};

    template <typename Value>
    Message(std::uint8_t type, std::uint16_t queue, std::uint16_t name, const Value& content) {
        static_assert(sizeof(Value) <= 8);
        std::memcpy(value.data(), &content, sizeof(Value));
        attribute.nla_type = name;
        attribute.nla_len = NLA_HDRLEN + sizeof(Value);
        generic.nfgen_family = AF_UNSPEC;
        generic.res_id = htons(queue);
        header.nlmsg_type = static_cast<std::uint16_t>(NFNL_SUBSYS_QUEUE << 8 | type);
        header.nlmsg_flags = NLM_F_REQUEST;
        header.nlmsg_len = static_cast<std::uint32_t>(NLMSG_HDRLEN + sizeof(generic) +
                                                      NLA_ALIGN(attribute.nla_len));
    }
};

int configure(int fd, Message message) {
    message.header.nlmsg_flags |= NLM_F_ACK;
    if (::send(fd, &message, message.header.nlmsg_len, 0) < 0)
        return errno;
    std::array<std::uint8_t, 512> reply{};
    const ssize_t got = ::recv(fd, reply.data(), reply.size(), 0);
    const auto* answer = reinterpret_cast<const nlmsghdr*>(reply.data());
    if (got < static_cast<ssize_t>(NLMSG_LENGTH(sizeof(nlmsgerr))) ||
        answer->nlmsg_type != NLMSG_ERROR)
        return EPROTO;
    return -static_cast<const nlmsgerr*>(NLMSG_DATA(answer))->error;
}

// The id, in network order, by which the queue knows a packet.
std::optional<std::uint32_t> packet_id(const nlmsghdr* message) {
    if (message->nlmsg_type != (NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET))
        return {};
    const auto* at = static_cast<const std::uint8_t*>(NLMSG_DATA(message)) + sizeof(nfgenmsg);
    const auto* end = reinterpret_cast<const std::uint8_t*>(message) + message->nlmsg_len;
    while (at + NLA_HDRLEN <= end) {
        const auto* item = reinterpret_cast<const nlattr*>(at);
        if (item->nla_len < NLA_HDRLEN || at + item->nla_len > end)
            return {};
        nfqnl_msg_packet_hdr packet{};
        if (item->nla_type == NFQA_PACKET_HDR && item->nla_len >= NLA_HDRLEN + sizeof(packet)) {
            std::memcpy(&packet, at + NLA_HDRLEN, sizeof(packet));
            return std::uint32_t{packet.packet_id};
        }
        at += NLA_ALIGN(item->nla_len);
    }
    return {};
}

std::vector<std::uint32_t> arrived(const std::uint8_t* bytes, std::size_t size) {
    std::vector<std::uint32_t> ids;
    auto rest = static_cast<int>(size);
    for (const auto* message = reinterpret_cast<const nlmsghdr*>(bytes); NLMSG_OK(message, rest);
         message = NLMSG_NEXT(message, rest))
        if (const auto id = packet_id(message))
            ids.push_back(*id);
    return ids;
}

} // namespace

std::string judge(const JudgeOptions& options) {
    const UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER));
    if (!fd)
        return std::string("no netlink socket: ") + std::strerror(errno);
    const nfqnl_msg_config_cmd bind{.command = NFQNL_CFG_CMD_BIND, ._pad = 0, .pf = 0};
    const nfqnl_msg_config_params params{.copy_range = 0, .copy_mode = NFQNL_COPY_META};
    for (const Message& message :
         {Message(NFQNL_MSG_CONFIG, options.queue, NFQA_CFG_CMD, bind),
          Message(NFQNL_MSG_CONFIG, options.queue, NFQA_CFG_PARAMS, params)})
        if (const int error = configure(fd.get(), message))
            return "cannot listen on queue " + std::to_string(options.queue) + ": " +
                   std::strerror(error);
    write_line("{\"type\":\"listening\",\"queue\":" + std::to_string(options.queue) + "}");
    const std::uint32_t verdict = htonl(options.accept ? NF_ACCEPT : NF_DROP);
    std::vector<std::uint32_t> held;
    std::array<std::uint8_t, 1 << 16> buffer{};
    for (;;) {
        const ssize_t got = ::recv(fd.get(), buffer.data(), buffer.size(), 0);
        if (got < 0 && errno != EINTR && errno != ENOBUFS)
            return std::string("the queue is closed: ") + std::strerror(errno);
        if (got <= 0)
            continue;
        for (const std::uint32_t id : arrived(buffer.data(), static_cast<std::size_t>(got)))
            held.push_back(id);
        if (held.size() < options.hold)
            continue;
        for (const std::uint32_t id : held) {
            const nfqnl_msg_verdict_hdr said{.verdict = verdict, .id = id};
            const Message message(NFQNL_MSG_VERDICT, options.queue, NFQA_VERDICT_HDR, said);
            if (::send(fd.get(), &message, message.header.nlmsg_len, 0) < 0)
                return std::string("no verdict could be said: ") + std::strerror(errno);
        }
        held.clear();
    }
}

} // namespace nflab::traffic

// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/differential/guest/nflog.hpp"

#include "harness/base/unique_fd.hpp"
#include "tests/differential/packet.hpp"

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace nflab::witness {
namespace {

constexpr std::size_t shown = 80; ///< bytes of a packet: every header that matters

// One NFULNL_MSG_CONFIG with one attribute; what it brings about has happened when this returns.
int request(int fd, std::uint8_t family, int attribute, const void* value, std::size_t size) {
    std::uint8_t bytes[128] = {};
    auto* header = reinterpret_cast<nlmsghdr*>(bytes);
    auto* generic = static_cast<nfgenmsg*>(NLMSG_DATA(header));
    auto* item = reinterpret_cast<nlattr*>(bytes + NLMSG_HDRLEN + sizeof *generic);
    header->nlmsg_type = NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_CONFIG;
    header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
    generic->nfgen_family = family;
    item->nla_type = static_cast<std::uint16_t>(attribute);
    item->nla_len = static_cast<std::uint16_t>(NLA_HDRLEN + size);
    std::memcpy(reinterpret_cast<std::uint8_t*>(item) + NLA_HDRLEN, value, size);
    header->nlmsg_len =
        static_cast<std::uint32_t>(NLMSG_HDRLEN + sizeof *generic + NLA_ALIGN(item->nla_len));
    return ::send(fd, bytes, header->nlmsg_len, 0) < 0 ? errno : 0;
}

// The same, and the kernel's answer to it.
int configure(int fd, std::uint8_t family, int attribute, const void* value, std::size_t size) {
    if (const int error = request(fd, family, attribute, value, size); error != 0)
        return error;
    std::uint8_t reply[512];
    const ssize_t got = ::recv(fd, reply, sizeof reply, 0);
    const auto* answer = reinterpret_cast<const nlmsghdr*>(reply);
    if (got < static_cast<ssize_t>(NLMSG_LENGTH(sizeof(nlmsgerr))) ||
        answer->nlmsg_type != NLMSG_ERROR)
        return EPROTO;
    return -static_cast<const nlmsgerr*>(NLMSG_DATA(answer))->error;
}

int command(int fd, std::uint8_t family, std::uint8_t what) {
    const nfulnl_msg_config_cmd value{what};
    return configure(fd, family, NFULA_CFG_CMD, &value, sizeof value);
}

void show(const nlmsghdr* message, std::string& out) {
    if (message->nlmsg_type != (NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET))
        return;
    const auto* at = static_cast<const std::uint8_t*>(NLMSG_DATA(message)) + sizeof(nfgenmsg);
    const auto* end = reinterpret_cast<const std::uint8_t*>(message) + message->nlmsg_len;
    const char* prefix = "";
    const std::uint8_t* payload = nullptr;
    std::size_t size = 0;
    while (at + NLA_HDRLEN <= end) {
        const auto* item = reinterpret_cast<const nlattr*>(at);
        if (item->nla_len < NLA_HDRLEN || at + item->nla_len > end)
            break;
        if ((item->nla_type & NLA_TYPE_MASK) == NFULA_PREFIX)
            prefix = reinterpret_cast<const char*>(at + NLA_HDRLEN);
        if ((item->nla_type & NLA_TYPE_MASK) == NFULA_PAYLOAD) {
            payload = at + NLA_HDRLEN;
            size = item->nla_len - NLA_HDRLEN;
        }
        at += NLA_ALIGN(item->nla_len);
    }
    out += "t " + std::to_string(size) + " " + to_hex(payload, std::min(size, shown)) + " " +
           prefix + "\n";
}

// What one recv() brings; false when nothing waits.
bool read_some(int fd, std::string& out) {
    static std::uint8_t bytes[1 << 17];
    const ssize_t got = ::recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (got < 0) {
        if (errno != ENOBUFS)
            return false;
        out += "l\n";
        return true;
    }
    auto left = static_cast<unsigned>(got);
    for (auto* message = reinterpret_cast<nlmsghdr*>(bytes); NLMSG_OK(message, left);
         message = NLMSG_NEXT(message, left))
        show(message, out);
    return true;
}

} // namespace

std::string run_nflog() {
    const UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER));
    if (!fd)
        return std::string("no netlink socket: ") + std::strerror(errno);
    const int room = 16 << 20;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    int error = 0;
    for (const std::uint8_t family : {std::uint8_t{AF_INET}, std::uint8_t{AF_INET6}}) {
        command(fd.get(), family, NFULNL_CFG_CMD_PF_UNBIND);
        if (error == 0)
            error = command(fd.get(), family, NFULNL_CFG_CMD_PF_BIND);
    }
    if (error == 0)
        error = command(fd.get(), AF_UNSPEC, NFULNL_CFG_CMD_BIND);
    nfulnl_msg_config_mode mode{};
    mode.copy_range = htonl(0xffff);
    mode.copy_mode = NFULNL_COPY_PACKET;
    if (error == 0)
        error = configure(fd.get(), AF_UNSPEC, NFULA_CFG_MODE, &mode, sizeof mode);
    if (error != 0)
        return std::string("cannot listen to NFLOG group 0: ") + std::strerror(error);
    std::puts("r");
    std::fflush(stdout);

    std::string said;
    for (;;) {
        pollfd fds[2] = {{fd.get(), POLLIN, 0}, {0, POLLIN, 0}};
        ::poll(fds, 2, -1);
        char ignored[64];
        const bool ended = fds[1].revents && ::read(0, ignored, sizeof ignored) <= 0;
        // The kernel keeps messages back for up to a second, to send several together; it sends
        // them when the group is given up.
        if (ended) {
            const nfulnl_msg_config_cmd unbind{NFULNL_CFG_CMD_UNBIND};
            request(fd.get(), AF_UNSPEC, NFULA_CFG_CMD, &unbind, sizeof unbind);
        }
        while (read_some(fd.get(), said)) {
        }
        if (!ended)
            continue;
        std::fwrite(said.data(), 1, said.size(), stdout);
        std::puts("d");
        return {};
    }
}

} // namespace nflab::witness

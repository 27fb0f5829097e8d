// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/init/netlink.hpp"

#include "guest/init/problem.hpp"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cstring>

namespace nflab::agent {
namespace {

// Calls handler(type, payload) for each attribute in `bytes`.
template <typename Handler>
void each_attribute(std::string_view bytes, const Handler& handler) {
    while (bytes.size() >= sizeof(rtattr)) {
        rtattr head{};
        std::memcpy(&head, bytes.data(), sizeof(head));
        if (head.rta_len < sizeof(head) || head.rta_len > bytes.size())
            return;
        handler(head.rta_type & NLA_TYPE_MASK,
                bytes.substr(sizeof(head), head.rta_len - sizeof(head)));
        bytes.remove_prefix(std::min<std::size_t>(RTA_ALIGN(head.rta_len), bytes.size()));
    }
}

// The kernel's own words about a refused request, when it has any (NETLINK_EXT_ACK).
std::string error_text(const nlmsghdr& head, std::string_view payload, int error) {
    std::string text = std::strerror(error);
    std::size_t attributes = sizeof(nlmsgerr);
    if ((head.nlmsg_flags & NLM_F_ACK_TLVS) == 0)
        return text;
    if ((head.nlmsg_flags & NLM_F_CAPPED) == 0) {
        nlmsgerr answer{};
        std::memcpy(&answer, payload.data(), sizeof(answer));
        attributes += NLMSG_ALIGN(answer.msg.nlmsg_len) - sizeof(nlmsghdr);
    }
    if (attributes > payload.size())
        return text;
    each_attribute(payload.substr(attributes), [&](int type, std::string_view value) {
        if (type == NLMSGERR_ATTR_MSG)
            text += " (" + std::string(value.substr(0, value.find('\0'))) + ")";
    });
    return text;
}

Link parse_link(std::string_view payload) {
    Link link;
    ifinfomsg info{};
    std::memcpy(&info, payload.data(), sizeof(info));
    link.index = info.ifi_index;
    link.flags = info.ifi_flags;
    each_attribute(
        payload.substr(NLMSG_ALIGN(sizeof(info))), [&](int type, std::string_view value) {
            if (type == IFLA_IFNAME)
                link.name = value.substr(0, value.find('\0'));
            else if (type == IFLA_ADDRESS && value.size() == link.mac.size())
                std::memcpy(link.mac.data(), value.data(), value.size());
            else if (type == IFLA_PERM_ADDRESS && value.size() == link.permanent_mac.size())
                std::memcpy(link.permanent_mac.data(), value.data(), value.size());
            else if (type == IFLA_CARRIER && !value.empty())
                link.carrier = value[0] != 0;
        });
    return link;
}

NetlinkMessage change_link(int index, unsigned flags, unsigned changed_flags) {
    ifinfomsg info{};
    info.ifi_index = index;
    info.ifi_flags = flags;
    info.ifi_change = changed_flags;
    NetlinkMessage message(RTM_NEWLINK, NLM_F_ACK);
    message.body(info);
    return message;
}

} // namespace

NetlinkMessage::NetlinkMessage(std::uint16_t type, std::uint16_t flags) {
    nlmsghdr head{};
    head.nlmsg_type = type;
    head.nlmsg_flags = static_cast<std::uint16_t>(flags | NLM_F_REQUEST);
    append(&head, sizeof(head));
}

void NetlinkMessage::append(const void* bytes, std::size_t size) {
    buffer_.append(static_cast<const char*>(bytes), size);
    buffer_.resize(NLMSG_ALIGN(buffer_.size()));
}

NetlinkMessage& NetlinkMessage::attribute(std::uint16_t type, std::string_view bytes) {
    rtattr head{};
    head.rta_type = type;
    head.rta_len = static_cast<std::uint16_t>(sizeof(head) + bytes.size());
    append(&head, sizeof(head));
    append(bytes.data(), bytes.size());
    return *this;
}

NetlinkMessage& NetlinkMessage::attribute(std::uint16_t type, std::uint32_t value) {
    return attribute(type, std::string_view(reinterpret_cast<const char*>(&value), sizeof(value)));
}

std::string NetlinkMessage::finish(std::uint32_t sequence) const {
    std::string bytes = buffer_;
    nlmsghdr head{};
    std::memcpy(&head, bytes.data(), sizeof(head));
    head.nlmsg_len = static_cast<std::uint32_t>(bytes.size());
    head.nlmsg_seq = sequence;
    std::memcpy(bytes.data(), &head, sizeof(head));
    return bytes;
}

std::string RouteSocket::open() {
    fd_.reset(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    if (!fd_)
        return problem("cannot open a routing socket");
    const int on = 1;
    setsockopt(fd_.get(), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
    const timeval limit{10, 0};
    setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    return {};
}

template <typename Handler>
std::string RouteSocket::exchange(const NetlinkMessage& message, const Handler& handler) {
    const std::uint32_t sequence = ++sequence_;
    const std::string bytes = message.finish(sequence);
    if (send(fd_.get(), bytes.data(), bytes.size(), 0) < 0)
        return problem("the routing socket refuses a request");
    std::vector<char> buffer(32768);
    while (true) {
        const ssize_t size = recv(fd_.get(), buffer.data(), buffer.size(), 0);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return problem("the kernel does not answer on the routing socket");
        std::string_view rest(buffer.data(), static_cast<std::size_t>(size));
        while (rest.size() >= sizeof(nlmsghdr)) {
            nlmsghdr head{};
            std::memcpy(&head, rest.data(), sizeof(head));
            if (head.nlmsg_len < sizeof(head) || head.nlmsg_len > rest.size())
                return "the routing socket gave a broken message";
            const auto payload = rest.substr(sizeof(head), head.nlmsg_len - sizeof(head));
            rest.remove_prefix(std::min<std::size_t>(NLMSG_ALIGN(head.nlmsg_len), rest.size()));
            if (head.nlmsg_seq != sequence)
                continue;
            if (head.nlmsg_type == NLMSG_DONE)
                return {};
            if (head.nlmsg_type == NLMSG_ERROR && payload.size() >= sizeof(nlmsgerr)) {
                int error = 0;
                std::memcpy(&error, payload.data(), sizeof(error));
                return error == 0 ? std::string{} : error_text(head, payload, -error);
            }
            handler(head.nlmsg_type, payload);
        }
    }
}

std::string RouteSocket::request(const NetlinkMessage& message) {
    return exchange(message, [](std::uint16_t, std::string_view) {});
}

std::string RouteSocket::links(std::vector<Link>& out) {
    out.clear();
    NetlinkMessage message(RTM_GETLINK, NLM_F_DUMP);
    message.body(ifinfomsg{});
    return exchange(message, [&](std::uint16_t type, std::string_view payload) {
        if (type == RTM_NEWLINK && payload.size() >= sizeof(ifinfomsg))
            out.push_back(parse_link(payload));
    });
}

std::string RouteSocket::link(int index, Link& out) {
    ifinfomsg info{};
    info.ifi_index = index;
    NetlinkMessage message(RTM_GETLINK, NLM_F_ACK);
    message.body(info);
    return exchange(message, [&](std::uint16_t type, std::string_view payload) {
        if (type == RTM_NEWLINK && payload.size() >= sizeof(ifinfomsg))
            out = parse_link(payload);
    });
}

std::string RouteSocket::set_up(int index) {
    return request(change_link(index, IFF_UP, IFF_UP));
}

std::string RouteSocket::set_down(int index) {
    return request(change_link(index, 0, IFF_UP));
}

std::string RouteSocket::rename(int index, const std::string& name) {
    return request(change_link(index, 0, 0)
                       .attribute(IFLA_IFNAME, std::string_view(name.c_str(), name.size() + 1)));
}

std::string RouteSocket::set_mtu(int index, int mtu) {
    return request(change_link(index, 0, 0).attribute(IFLA_MTU, static_cast<std::uint32_t>(mtu)));
}

std::string RouteSocket::set_mac(int index, const Mac& mac) {
    return request(
        change_link(index, 0, 0)
            .attribute(IFLA_ADDRESS,
                       std::string_view(reinterpret_cast<const char*>(mac.data()), mac.size())));
}

std::string RouteSocket::move(int index, int network_namespace) {
    return request(change_link(index, 0, 0)
                       .attribute(IFLA_NET_NS_FD, static_cast<std::uint32_t>(network_namespace)));
}

std::string RouteSocket::add_address(int index, const Prefix& address) {
    ifaddrmsg body{};
    body.ifa_family = static_cast<unsigned char>(address.family);
    body.ifa_prefixlen = static_cast<unsigned char>(address.length);
    body.ifa_flags = address.family == AF_INET6 ? IFA_F_NODAD : 0;
    body.ifa_index = static_cast<unsigned>(index);
    NetlinkMessage message(RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE);
    return request(message.body(body)
                       .attribute(IFA_LOCAL, address.address())
                       .attribute(IFA_ADDRESS, address.address()));
}

std::string RouteSocket::add_route(const Prefix& destination, const Prefix& next_hop) {
    rtmsg body{};
    body.rtm_family = static_cast<unsigned char>(destination.family);
    body.rtm_dst_len = static_cast<unsigned char>(destination.length);
    body.rtm_table = RT_TABLE_MAIN;
    body.rtm_protocol = RTPROT_STATIC;
    body.rtm_scope = RT_SCOPE_UNIVERSE;
    body.rtm_type = RTN_UNICAST;
    NetlinkMessage message(RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE);
    message.body(body).attribute(RTA_GATEWAY, next_hop.address());
    if (destination.length > 0)
        message.attribute(RTA_DST, destination.address());
    return request(message);
}

} // namespace nflab::agent

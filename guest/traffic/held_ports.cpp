// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/traffic/held_ports.hpp"

#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace nflab::traffic {
namespace {

// A socket filter that takes no byte of any packet: socket(7), SO_ATTACH_FILTER.
bool take_nothing(int fd) {
    sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
    const sock_fprog program{1, &nothing};
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0;
}

int socket_of(const HeldPort& port, int family) {
    switch (port.protocol) {
    case Protocol::tcp:
        return socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    case Protocol::sctp:
        // Whether the kernel knows SCTP or not: to a raw socket everything has been delivered.
        return socket(family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_SCTP);
    default:
        return socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    }
}

bool bind_any(int fd, int family, std::uint16_t port) {
    const int on = 1;
    sockaddr_in any4{};
    any4.sin_family = AF_INET;
    any4.sin_port = htons(port);
    sockaddr_in6 any6{};
    any6.sin6_family = AF_INET6;
    any6.sin6_port = htons(port);
    if (family == AF_INET)
        return bind(fd, reinterpret_cast<const sockaddr*>(&any4), sizeof(any4)) == 0;
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
    return bind(fd, reinterpret_cast<const sockaddr*>(&any6), sizeof(any6)) == 0;
}

} // namespace

std::vector<UniqueFd> hold_ports(const std::vector<HeldPort>& ports) {
    std::vector<UniqueFd> held;
    for (const HeldPort& port : ports)
        for (const int family : {AF_INET, AF_INET6}) {
            UniqueFd fd(socket_of(port, family));
            if (!fd || !take_nothing(fd.get()))
                continue;
            const bool bound =
                port.protocol == Protocol::sctp || bind_any(fd.get(), family, port.number);
            if (bound && (port.protocol != Protocol::tcp || listen(fd.get(), 1) == 0))
                held.push_back(std::move(fd));
        }
    return held;
}

} // namespace nflab::traffic

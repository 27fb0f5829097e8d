// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/traffic/echo_server.hpp"

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace nflab::traffic {
namespace {

constexpr int datagrams_per_round = 64;

std::string problem(const std::string& what) {
    return what + ": " + std::strerror(errno);
}

bool standard_input_is_null() {
    struct stat found {};
    return fstat(STDIN_FILENO, &found) != 0 ||
           (S_ISCHR(found.st_mode) && found.st_rdev == makedev(1, 3));
}

// What was the destination becomes the source; the route chooses the interface.
void turn_round(msghdr& message) {
    for (cmsghdr* item = CMSG_FIRSTHDR(&message); item != nullptr;
         item = CMSG_NXTHDR(&message, item)) {
        if (item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_PKTINFO) {
            in_pktinfo info{};
            std::memcpy(&info, CMSG_DATA(item), sizeof(info));
            info.ipi_ifindex = 0;
            info.ipi_spec_dst = info.ipi_addr;
            std::memcpy(CMSG_DATA(item), &info, sizeof(info));
        } else if (item->cmsg_level == IPPROTO_IPV6 && item->cmsg_type == IPV6_PKTINFO) {
            in6_pktinfo info{};
            std::memcpy(&info, CMSG_DATA(item), sizeof(info));
            if (!IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr))
                info.ipi6_ifindex = 0;
            std::memcpy(CMSG_DATA(item), &info, sizeof(info));
        }
    }
}

} // namespace

std::string EchoServer::open(const ServeOptions& options) {
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    epoll_.reset(epoll_create1(EPOLL_CLOEXEC));
    if (!epoll_)
        return problem("cannot wait for events");
    std::string error;
    for (std::size_t i = 0; i < options.tcp.size() && error.empty(); ++i)
        error = add_port(Protocol::tcp, options.tcp[i]);
    for (std::size_t i = 0; i < options.udp.size() && error.empty(); ++i)
        error = add_port(Protocol::udp, options.udp[i]);
    for (std::size_t i = 0; i < options.sctp.size() && error.empty(); ++i)
        error = add_port(Protocol::sctp, options.sctp[i]);
    return error;
}

std::string EchoServer::add_port(Protocol protocol, std::uint16_t port) {
    if (std::string error = add_socket(protocol, AF_INET, port); !error.empty())
        return error;
    return add_socket(protocol, AF_INET6, port);
}

std::string EchoServer::add_socket(Protocol protocol, int family, std::uint16_t port) {
    const Kind kind = protocol == Protocol::udp ? Kind::udp : Kind::listener;
    const int type = kind == Kind::udp ? SOCK_DGRAM : SOCK_STREAM;
    UniqueFd fd(socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC,
                       protocol == Protocol::sctp ? int{IPPROTO_SCTP} : 0));
    if (!fd && protocol == Protocol::sctp)
        return problem("this node's kernel has no SCTP");
    if (!fd && family == AF_INET6 && errno == EAFNOSUPPORT)
        return {}; // a kernel without IPv6
    const int on = 1;
    sockaddr_in6 any6{};
    any6.sin6_family = AF_INET6;
    any6.sin6_port = htons(port);
    sockaddr_in any4{};
    any4.sin_family = AF_INET;
    any4.sin_port = htons(port);
    int bound = 0;
    setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    // Another one of us may still be there, with connections of its own.
    setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
    if (family == AF_INET6) {
        setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
        setsockopt(fd.get(), IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
        bound = bind(fd.get(), reinterpret_cast<const sockaddr*>(&any6), sizeof(any6));
    } else {
        setsockopt(fd.get(), IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
        bound = bind(fd.get(), reinterpret_cast<const sockaddr*>(&any4), sizeof(any4));
    }
    if (bound != 0 || (kind == Kind::listener && listen(fd.get(), SOMAXCONN) != 0))
        return problem("cannot serve " + std::string(name_of(protocol)) + " port " +
                       std::to_string(port));
    add(std::move(fd), kind);
    return {};
}

void EchoServer::watch(int fd, unsigned events, bool is_new) {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    epoll_ctl(epoll_.get(), is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event);
}

void EchoServer::add(UniqueFd fd, Kind kind) {
    const int number = fd.get();
    watch(number, EPOLLIN, true);
    entries_[number] = Entry{std::move(fd), kind, {}};
}

std::string EchoServer::run() {
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigprocmask(SIG_BLOCK, &ends, nullptr);
    add(UniqueFd(signalfd(-1, &ends, SFD_CLOEXEC)), Kind::signals);
    if (!standard_input_is_null())
        add(UniqueFd(dup(STDIN_FILENO)), Kind::control);
    std::array<epoll_event, 64> events;
    while (!ended_) {
        const int count = epoll_wait(epoll_.get(), events.data(), events.size(), -1);
        if (count < 0 && errno != EINTR)
            return problem("cannot wait for events");
        for (int i = 0; i < count; ++i) {
            const auto found = entries_.find(events[static_cast<std::size_t>(i)].data.fd);
            if (found == entries_.end())
                continue;
            char ignored[256];
            switch (found->second.kind) {
            case Kind::signals:
                ended_ = true;
                break;
            case Kind::control:
                ended_ = ended_ || read(found->first, ignored, sizeof(ignored)) <= 0;
                break;
            case Kind::listener:
                accept_clients(found->first);
                break;
            case Kind::udp:
                answer_datagrams(found->first);
                break;
            case Kind::client:
                serve_client(found->second);
                break;
            }
        }
    }
    return {};
}

void EchoServer::pause_listeners(bool pause) {
    const unsigned events = pause ? 0U : EPOLLIN;
    for (const auto& [fd, entry] : entries_)
        if (entry.kind == Kind::listener)
            watch(fd, events, false);
    paused_ = pause;
}

void EchoServer::accept_clients(int fd) {
    while (clients_ < max_clients) {
        UniqueFd client(accept4(fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (!client) {
            // The queue stays readable; it waits until a client goes and leaves its file.
            if (errno == EMFILE || errno == ENFILE)
                pause_listeners(true);
            return;
        }
        add(std::move(client), Kind::client);
        ++clients_;
    }
    pause_listeners(true);
}

void EchoServer::answer_datagrams(int fd) {
    char data[chunk];
    alignas(cmsghdr) char control[256];
    for (int i = 0; i < datagrams_per_round; ++i) {
        sockaddr_storage peer{};
        iovec part{data, sizeof(data)};
        msghdr message{};
        message.msg_name = &peer;
        message.msg_namelen = sizeof(peer);
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = control;
        message.msg_controllen = sizeof(control);
        const ssize_t size = recvmsg(fd, &message, 0);
        if (size < 0)
            return;
        turn_round(message);
        part.iov_len = static_cast<std::size_t>(size);
        message.msg_flags = 0;
        // An answer that the node's own rules refuse is lost, like any datagram.
        sendmsg(fd, &message, MSG_NOSIGNAL);
    }
}

void EchoServer::serve_client(Entry& client) {
    if (transfer(client)) {
        watch(client.fd.get(), client.unsent.empty() ? EPOLLIN : EPOLLOUT, false);
        return;
    }
    entries_.erase(client.fd.get());
    --clients_;
    if (paused_)
        pause_listeners(false);
}

/// False: the client has gone, or has got all its bytes back and sends no more.
bool EchoServer::transfer(Entry& client) {
    if (client.unsent.empty()) {
        client.unsent.resize(chunk);
        const ssize_t size = recv(client.fd.get(), client.unsent.data(), chunk, 0);
        client.unsent.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
        if (size <= 0)
            return size < 0 && (errno == EAGAIN || errno == EINTR);
    }
    const ssize_t size =
        send(client.fd.get(), client.unsent.data(), client.unsent.size(), MSG_NOSIGNAL);
    if (size < 0)
        return errno == EAGAIN || errno == EINTR;
    client.unsent.erase(0, static_cast<std::size_t>(size));
    return true;
}

} // namespace nflab::traffic

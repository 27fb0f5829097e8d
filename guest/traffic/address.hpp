// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>

namespace nflab::traffic {

/// An IPv4 or IPv6 address with a port, as sockets take it.
struct Endpoint {
    sockaddr_storage storage{};
    socklen_t size = 0;

    const sockaddr* address() const { return reinterpret_cast<const sockaddr*>(&storage); }
    sockaddr* address() { return reinterpret_cast<sockaddr*>(&storage); }
    int family() const { return storage.ss_family; }
    std::uint16_t port() const;
    void set_port(std::uint16_t port);
    std::string text() const; ///< the address alone
};

/// A numeric address; "fe80::1%eth0" with its interface. Never asks a name server.
std::optional<Endpoint> parse_endpoint(const std::string& text, std::uint16_t port);

/// The socket's own end; a default Endpoint when it has none.
Endpoint local_endpoint(int fd);

/// From where the kernel would send to `destination`: by its routes, without a packet.
Endpoint source_for(const Endpoint& destination);

} // namespace nflab::traffic

// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/traffic/address.hpp"

#include "harness/base/unique_fd.hpp"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>

#include <cstring>

namespace nflab::traffic {
namespace {

template <typename T>
T as(const Endpoint& endpoint) {
    T value{};
    std::memcpy(&value, &endpoint.storage, sizeof(value));
    return value;
}

template <typename T>
Endpoint from(const T& value) {
    Endpoint endpoint;
    std::memcpy(&endpoint.storage, &value, sizeof(value));
    endpoint.size = sizeof(value);
    return endpoint;
}

} // namespace

std::uint16_t Endpoint::port() const {
    return ntohs(family() == AF_INET ? as<sockaddr_in>(*this).sin_port
                                     : as<sockaddr_in6>(*this).sin6_port);
}

void Endpoint::set_port(std::uint16_t port) {
    // Both families have their port at the same place.
    static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));
    auto inet = as<sockaddr_in>(*this);
    inet.sin_port = htons(port);
    std::memcpy(&storage, &inet, offsetof(sockaddr_in, sin_port) + sizeof(inet.sin_port));
}

std::string Endpoint::text() const {
    char buffer[INET6_ADDRSTRLEN] = "";
    if (family() == AF_INET) {
        const auto inet = as<sockaddr_in>(*this);
        inet_ntop(AF_INET, &inet.sin_addr, buffer, sizeof(buffer));
    } else if (family() == AF_INET6) {
        const auto inet6 = as<sockaddr_in6>(*this);
        inet_ntop(AF_INET6, &inet6.sin6_addr, buffer, sizeof(buffer));
    }
    return buffer;
}

std::optional<Endpoint> parse_endpoint(const std::string& text, std::uint16_t port) {
    sockaddr_in inet{};
    inet.sin_family = AF_INET;
    inet.sin_port = htons(port);
    if (inet_pton(AF_INET, text.c_str(), &inet.sin_addr) == 1)
        return from(inet);
    const std::size_t percent = text.find('%');
    sockaddr_in6 inet6{};
    inet6.sin6_family = AF_INET6;
    inet6.sin6_port = htons(port);
    if (inet_pton(AF_INET6, text.substr(0, percent).c_str(), &inet6.sin6_addr) != 1)
        return std::nullopt;
    if (percent != std::string::npos) {
        inet6.sin6_scope_id = if_nametoindex(text.c_str() + percent + 1);
        if (inet6.sin6_scope_id == 0)
            return std::nullopt;
    }
    return from(inet6);
}

Endpoint local_endpoint(int fd) {
    Endpoint endpoint;
    endpoint.size = sizeof(endpoint.storage);
    if (getsockname(fd, endpoint.address(), &endpoint.size) != 0)
        return {};
    return endpoint;
}

Endpoint source_for(const Endpoint& destination) {
    Endpoint any_port = destination;
    any_port.set_port(9);
    const UniqueFd probe(socket(destination.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!probe || connect(probe.get(), any_port.address(), any_port.size) != 0)
        return {};
    return local_endpoint(probe.get());
}

} // namespace nflab::traffic

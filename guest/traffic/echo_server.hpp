// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/traffic/options.hpp"
#include "harness/base/unique_fd.hpp"

#include <map>
#include <string>

namespace nflab::traffic {

/// Sends back what it receives, on every address of the node, IPv4 and IPv6. UDP answers come from
/// the address that was asked. A single thread; at most max_clients TCP connections at once, others
/// wait in the listening queues.
class EchoServer {
  public:
    /// Returns why a port cannot be served, or nothing.
    std::string open(const ServeOptions& options);

    /// Serves until SIGTERM, SIGINT, or the end of standard input (unless that is /dev/null).
    std::string run();

  private:
    static constexpr std::size_t max_clients = 4096;
    static constexpr std::size_t chunk = 65536;

    enum class Kind { control, signals, listener, udp, client };

    struct Entry {
        UniqueFd fd;
        Kind kind{};
        std::string unsent; ///< of a client
    };

    std::string add_port(Protocol protocol, std::uint16_t port);
    std::string add_socket(Protocol protocol, int family, std::uint16_t port);
    void add(UniqueFd fd, Kind kind);
    void watch(int fd, unsigned events, bool is_new);
    void pause_listeners(bool pause);
    void accept_clients(int fd);
    void answer_datagrams(int fd);
    void serve_client(Entry& client);
    bool transfer(Entry& client);

    UniqueFd epoll_;
    std::map<int, Entry> entries_;
    std::size_t clients_ = 0;
    bool paused_ = false; ///< no new clients until one has gone
    bool ended_ = false;
};

} // namespace nflab::traffic

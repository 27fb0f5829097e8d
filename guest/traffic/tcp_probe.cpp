// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/traffic/payload.hpp"
#include "guest/traffic/probe.hpp"
#include "harness/base/unique_fd.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <map>

namespace nflab::traffic {
namespace {

// TCP connections, or SCTP associations in the style of TCP (sctp(7), one to one).
class TcpProbe : public Probe {
  public:
    using Probe::Probe;

    std::string open() override {
        if (options_.protocol == Protocol::sctp && !UniqueFd(open_socket(0)))
            return std::string("this node's kernel has no SCTP: ") + std::strerror(errno);
        if (source_.size == 0)
            return {};
        // Each connection binds a socket of its own; a wrong address shall be said once.
        const UniqueFd test(open_socket(0));
        if (test && bind(test.get(), source_.address(), source_.size) != 0)
            return "cannot send from " + source_.text() + ": " + std::strerror(errno);
        return {};
    }

    bool ready() const override { return connections_.size() < max_connections; }

    void send(std::uint32_t number) override {
        Connection connection;
        connection.payload = payload(number);
        connection.fd.reset(open_socket(SOCK_NONBLOCK));
        const auto started = Clock::now();
        const int error = start(connection.fd.get(), number);
        Endpoint source = local_endpoint(connection.fd.get());
        ledger_.sent(identity(number, source), started);
        if (error != 0)
            ledger_.failed(number, local_reason(error));
        else
            connections_.emplace(number, std::move(connection));
    }

    void watch(std::vector<pollfd>& polls) const override {
        for (const auto& [number, connection] : connections_) {
            const bool writes = connection.written < connection.payload.size();
            polls.push_back(
                {connection.fd.get(), static_cast<short>(writes ? POLLOUT : POLLIN), 0});
        }
    }

    void receive() override {
        for (auto item = connections_.begin(); item != connections_.end();) {
            const bool over = advance(item->first, item->second);
            item = over ? connections_.erase(item) : std::next(item);
        }
    }

    void abandon(std::uint32_t number) override { connections_.erase(number); }

  private:
    static constexpr std::size_t max_connections = 256;

    struct Connection {
        UniqueFd fd;
        std::string payload;
        std::size_t written = 0;
        std::size_t echoed = 0;
    };

    int open_socket(int flags) const {
        const int protocol = options_.protocol == Protocol::sctp ? int{IPPROTO_SCTP} : 0;
        return socket(destination_.family(), SOCK_STREAM | SOCK_CLOEXEC | flags, protocol);
    }

    // Closes the connection as it was asked for: tcp(7), socket(7), SO_LINGER.
    void end(UniqueFd fd) {
        if (options_.close == Close::rst) {
            const linger at_once{1, 0};
            setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
        } else if (options_.close == Close::none) {
            kept_.push_back(std::move(fd));
        }
    }

    int start(int fd, std::uint32_t number) {
        if (fd < 0)
            return errno;
        if (options_.source_port != 0 || source_.size != 0) {
            const int on = 1;
            setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
            Endpoint from = source_;
            if (options_.source_port != 0)
                from.set_port(static_cast<std::uint16_t>(options_.source_port + number));
            if (bind(fd, from.address(), from.size) != 0)
                return errno;
        }
        if (connect(fd, destination_.address(), destination_.size) != 0 && errno != EINPROGRESS)
            return errno;
        return 0;
    }

    /// True: the connection has come to its end, which the ledger knows.
    bool advance(std::uint32_t number, Connection& connection) {
        char buffer[65536];
        const std::string& wanted = connection.payload;
        while (connection.echoed < wanted.size()) {
            const bool writes = connection.written < wanted.size();
            const ssize_t size =
                writes ? ::send(connection.fd.get(), wanted.data() + connection.written,
                                wanted.size() - connection.written, MSG_NOSIGNAL)
                       : recv(connection.fd.get(), buffer, sizeof(buffer), 0);
            if (size < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOTCONN))
                return false;
            if (size < 0) {
                ledger_.failed(number, local_reason(errno));
                return true;
            }
            const auto bytes = static_cast<std::size_t>(size);
            if (writes) {
                connection.written += bytes;
                continue;
            }
            if (bytes == 0 || wanted.compare(connection.echoed, bytes, buffer, bytes) != 0) {
                const char* what = bytes == 0 ? "the other side closed before the whole echo"
                                              : "what came back is not what was sent";
                ledger_.failed(number, {bytes == 0 ? ECONNRESET : EBADMSG, what, {}, {}, {}});
                return true;
            }
            connection.echoed += bytes;
        }
        ledger_.replied(number);
        end(std::move(connection.fd));
        return true;
    }

    std::map<std::uint32_t, Connection> connections_;
    std::vector<UniqueFd> kept_; ///< connections that nobody is to close
};

} // namespace

std::unique_ptr<Probe> make_tcp_probe(const SendOptions& options, const Endpoint& destination,
                                      const Endpoint& source, std::uint32_t run, Ledger& ledger) {
    return std::make_unique<TcpProbe>(options, destination, source, run, ledger);
}

} // namespace nflab::traffic

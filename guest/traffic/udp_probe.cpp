// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/traffic/icmp.hpp"
#include "guest/traffic/payload.hpp"
#include "guest/traffic/probe.hpp"
#include "harness/base/unique_fd.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

// After the C library's headers, which define some of the same names.
#include <linux/errqueue.h>

#include <cerrno>

namespace nflab::traffic {
namespace {

class UdpProbe : public Probe {
  public:
    using Probe::Probe;

    std::string open() override {
        fd_.reset(socket(destination_.family(), SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        if (!fd_)
            return std::string("cannot open a UDP socket: ") + std::strerror(errno);
        const int on = 1;
        if (destination_.family() == AF_INET)
            setsockopt(fd_.get(), IPPROTO_IP, IP_RECVERR, &on, sizeof(on));
        else
            setsockopt(fd_.get(), IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof(on));
        source_.set_port(options_.source_port);
        if (bind(fd_.get(), source_.address(), source_.size) != 0)
            return "cannot send from " + source_.text() + " port " +
                   std::to_string(options_.source_port) + ": " + std::strerror(errno);
        // Without a route this fails, and so does each packet: that is a result, no mistake.
        connected_ = connect(fd_.get(), destination_.address(), destination_.size) == 0;
        source_ = local_endpoint(fd_.get());
        return {};
    }

    void send(std::uint32_t number) override {
        const std::string payload = this->payload(number);
        const auto started = Clock::now();
        int error = 0;
        // The error of an earlier packet may be handed out instead of sending this one.
        for (int attempt = 0; attempt < 2; ++attempt) {
            receive_errors();
            if (!connected_)
                connected_ = connect(fd_.get(), destination_.address(), destination_.size) == 0;
            const bool sent =
                connected_ && ::send(fd_.get(), payload.data(), payload.size(), 0) >= 0;
            error = sent ? 0 : errno;
            if (error == 0 || error == EPERM)
                break;
        }
        ledger_.sent(identity(number, source_), started);
        if (error != 0)
            ledger_.failed(number, local_reason(error));
    }

    void watch(std::vector<pollfd>& polls) const override {
        polls.push_back({fd_.get(), POLLIN, 0});
    }

    void receive() override {
        receive_errors();
        char buffer[65536];
        while (true) {
            const ssize_t size = recv(fd_.get(), buffer, sizeof(buffer), 0);
            if (size < 0 && errno == EAGAIN)
                return;
            if (size < 0) {
                receive_errors();
                continue;
            }
            const std::string_view payload(buffer, static_cast<std::size_t>(size));
            if (!options_.data.empty()) {
                take_echo(payload);
                continue;
            }
            const auto mark = parse_mark(payload);
            if (mark && mark->run == run_ && payload == make_payload(*mark, options_.size))
                ledger_.replied(mark->number);
        }
    }

  private:
    // All datagrams are alike: it answers the first that has no answer yet.
    void take_echo(std::string_view echo) {
        const auto number = ledger_.oldest_pending();
        if (number && echo == options_.data)
            ledger_.replied(*number);
    }

    void receive_errors() {
        char quoted[2048];
        alignas(cmsghdr) char control[512];
        while (true) {
            iovec part{quoted, sizeof(quoted)};
            msghdr message{};
            message.msg_iov = &part;
            message.msg_iovlen = 1;
            message.msg_control = control;
            message.msg_controllen = sizeof(control);
            const ssize_t size = recvmsg(fd_.get(), &message, MSG_ERRQUEUE);
            if (size < 0)
                return;
            for (cmsghdr* item = CMSG_FIRSTHDR(&message); item != nullptr;
                 item = CMSG_NXTHDR(&message, item))
                if ((item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_RECVERR) ||
                    (item->cmsg_level == IPPROTO_IPV6 && item->cmsg_type == IPV6_RECVERR))
                    take_error(std::string_view(quoted, static_cast<std::size_t>(size)), *item);
        }
    }

    void take_error(std::string_view quoted, const cmsghdr& item) {
        sock_extended_err error{};
        std::memcpy(&error, CMSG_DATA(&item), sizeof(error));
        const auto mark = parse_mark(quoted);
        const auto number = mark && mark->run == run_ ? mark->number : ledger_.oldest_pending();
        if (!number)
            return;
        Reason reason = local_reason(static_cast<int>(error.ee_errno));
        const bool icmp4 = error.ee_origin == SO_EE_ORIGIN_ICMP;
        if (icmp4 || error.ee_origin == SO_EE_ORIGIN_ICMP6) {
            // The offender's address follows the error: ip(7), SO_EE_OFFENDER.
            Endpoint from;
            from.size = icmp4 ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
            std::memcpy(&from.storage, CMSG_DATA(&item) + sizeof(error), from.size);
            reason.from = from.text();
            reason.icmp_type = error.ee_type;
            reason.icmp_code = error.ee_code;
            const char* what =
                describe(icmp4 ? Family::v4 : Family::v6, error.ee_type, error.ee_code);
            reason.message = std::string(what) + ", says " + reason.from;
        }
        ledger_.failed(*number, reason);
    }

    UniqueFd fd_;
    bool connected_ = false;
};

} // namespace

std::unique_ptr<Probe> make_udp_probe(const SendOptions& options, const Endpoint& destination,
                                      const Endpoint& source, std::uint32_t run, Ledger& ledger) {
    return std::make_unique<UdpProbe>(options, destination, source, run, ledger);
}

} // namespace nflab::traffic

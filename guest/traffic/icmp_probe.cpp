// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/traffic/icmp.hpp"
#include "guest/traffic/payload.hpp"
#include "guest/traffic/probe.hpp"
#include "harness/base/unique_fd.hpp"

#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <sys/random.h>
#include <unistd.h>

#include <cerrno>

namespace nflab::traffic {
namespace {

class IcmpProbe : public Probe {
  public:
    using Probe::Probe;

    std::string open() override {
        const int protocol = family() == Family::v4 ? int{IPPROTO_ICMP} : int{IPPROTO_ICMPV6};
        fd_.reset(socket(destination_.family(), SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));
        if (!fd_)
            return std::string("cannot open a raw socket, which needs CAP_NET_RAW: ") +
                   std::strerror(errno);
        if (source_.size != 0 && bind(fd_.get(), source_.address(), source_.size) != 0)
            return "cannot send from " + source_.text() + ": " + std::strerror(errno);
        if (source_.size == 0)
            source_ = source_for(destination_);
        set_filter();
        if (getrandom(&id_, sizeof(id_), 0) != sizeof(id_) || id_ == 0)
            id_ = static_cast<std::uint16_t>(getpid() | 1);
        return {};
    }

    void send(std::uint32_t number) override {
        Identity sent = identity(number, source_);
        sent.source_port = 0;
        sent.icmp_id = id_;
        sent.icmp_sequence = sequence_of(number);
        const std::string message = make_echo_request(family(), id_, sent.icmp_sequence,
                                                      make_payload({run_, number}, options_.size));
        const auto started = Clock::now();
        const ssize_t size = sendto(fd_.get(), message.data(), message.size(), 0,
                                    destination_.address(), destination_.size);
        const int error = size < 0 ? errno : 0;
        ledger_.sent(std::move(sent), started);
        ++sent_;
        if (error != 0)
            ledger_.failed(number, local_reason(error));
    }

    void watch(std::vector<pollfd>& polls) const override {
        polls.push_back({fd_.get(), POLLIN, 0});
    }

    void receive() override {
        char buffer[65536];
        while (true) {
            Endpoint from;
            from.size = sizeof(from.storage);
            const ssize_t size =
                recvfrom(fd_.get(), buffer, sizeof(buffer), 0, from.address(), &from.size);
            if (size < 0)
                return;
            const auto answer =
                parse_answer(family(), std::string_view(buffer, static_cast<std::size_t>(size)));
            if (const auto* reply = std::get_if<EchoReply>(&answer))
                take(*reply);
            else if (const auto* error = std::get_if<EchoError>(&answer))
                take(*error, from);
        }
    }

  private:
    Family family() const { return destination_.family() == AF_INET ? Family::v4 : Family::v6; }

    static std::uint16_t sequence_of(std::uint32_t number) {
        return static_cast<std::uint16_t>(number + 1);
    }

    // The kernel need not wake us for anything else.
    void set_filter() {
        if (family() == Family::v4) {
            icmp_filter filter{};
            filter.data = ~(1U << ICMP_ECHOREPLY | 1U << ICMP_DEST_UNREACH |
                            1U << ICMP_TIME_EXCEEDED | 1U << ICMP_PARAMETERPROB);
            setsockopt(fd_.get(), SOL_RAW, ICMP_FILTER, &filter, sizeof(filter));
        } else {
            icmp6_filter filter{};
            ICMP6_FILTER_SETBLOCKALL(&filter);
            for (const int type : {ICMP6_ECHO_REPLY, ICMP6_DST_UNREACH, ICMP6_PACKET_TOO_BIG,
                                   ICMP6_TIME_EXCEEDED, ICMP6_PARAM_PROB})
                ICMP6_FILTER_SETPASS(type, &filter);
            setsockopt(fd_.get(), IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof(filter));
        }
    }

    void take(const EchoReply& reply) {
        const auto mark = parse_mark(reply.payload);
        if (reply.id == id_ && mark && mark->run == run_ &&
            sequence_of(mark->number) == reply.sequence)
            ledger_.replied(mark->number);
    }

    void take(const EchoError& error, const Endpoint& from) {
        if (error.id != id_)
            return;
        // An error need not quote the payload; the sequence number alone repeats after 65536.
        for (std::uint32_t number = sent_; number-- > 0 && number + 65536 >= sent_;)
            if (sequence_of(number) == error.sequence) {
                const std::string who = from.text();
                const char* what = describe(family(), error.type, error.code);
                ledger_.failed(number,
                               {errno_of(family(), error.type, error.code),
                                std::string(what) + ", says " + who, who, error.type, error.code});
                return;
            }
    }

    UniqueFd fd_;
    std::uint16_t id_ = 0;
    std::uint32_t sent_ = 0;
};

} // namespace

std::unique_ptr<Probe> make_icmp_probe(const SendOptions& options, const Endpoint& destination,
                                       const Endpoint& source, std::uint32_t run, Ledger& ledger) {
    return std::make_unique<IcmpProbe>(options, destination, source, run, ledger);
}

} // namespace nflab::traffic

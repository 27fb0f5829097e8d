// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/traffic/sender.hpp"

#include "guest/traffic/probe.hpp"

#include <poll.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>

namespace nflab::traffic {
namespace {

// Whoever could not keep up with the interval shall not make up for it by a burst of any size.
constexpr int max_burst = 64;

std::unique_ptr<Probe> make_probe(const SendOptions& options, const Endpoint& destination,
                                  const Endpoint& source, std::uint32_t run, Ledger& ledger) {
    switch (options.protocol) {
    case Protocol::icmp:
        return make_icmp_probe(options, destination, source, run, ledger);
    case Protocol::udp:
        return make_udp_probe(options, destination, source, run, ledger);
    case Protocol::tcp:
    case Protocol::sctp:
        return make_tcp_probe(options, destination, source, run, ledger);
    }
    return nullptr;
}

void wait(const Probe& probe, std::optional<Clock::time_point> deadline) {
    std::vector<pollfd> polls;
    probe.watch(polls);
    timespec limit{};
    if (deadline) {
        const auto left =
            std::max<std::int64_t>(std::chrono::nanoseconds(*deadline - Clock::now()).count(), 0);
        limit = {left / 1'000'000'000, left % 1'000'000'000};
    }
    ppoll(polls.data(), polls.size(), deadline ? &limit : nullptr, nullptr);
}

void run(const SendOptions& options, Probe& probe, Ledger& ledger) {
    auto next = Clock::now();
    std::uint32_t number = 0;
    while (number < options.count || !ledger.settled()) {
        const auto now = Clock::now();
        for (int burst = 0;
             burst < max_burst && number < options.count && next <= now && probe.ready(); ++burst) {
            probe.send(number++);
            next += options.interval;
        }
        next = std::max(next, now - max_burst * options.interval);
        auto deadline = ledger.next_deadline();
        if (number < options.count && probe.ready())
            deadline = deadline ? std::min(*deadline, next) : next;
        if (deadline)
            wait(probe, deadline);
        probe.receive();
        for (const std::uint32_t expired : ledger.expire())
            probe.abandon(expired);
    }
}

} // namespace

std::string send_traffic(const SendOptions& options) {
    const auto destination = parse_endpoint(
        options.to, options.protocol == Protocol::icmp ? std::uint16_t{0} : options.port);
    if (!destination)
        return "--to " + options.to +
               ": must be an IPv4 or IPv6 address; a link-local one with its interface, as in "
               "fe80::1%eth0";
    // The wildcard address of the destination's family stands for the kernel's choice.
    const std::string any = destination->family() == AF_INET ? "0.0.0.0" : "::";
    const bool chosen = !options.source.empty();
    auto source = parse_endpoint(chosen ? options.source : any, 0);
    if (!source || source->family() != destination->family())
        return "--source " + options.source + ": must be an address of the family of " + options.to;
    if (options.protocol == Protocol::icmp && !chosen)
        source->size = 0;
    std::uint32_t random = 0;
    if (getrandom(&random, sizeof(random), 0) != sizeof(random))
        random = static_cast<std::uint32_t>(getpid());
    Ledger ledger(options);
    const auto probe = make_probe(options, *destination, *source, random, ledger);
    if (std::string error = probe->open(); !error.empty())
        return error;
    run(options, *probe, ledger);
    ledger.done();
    // The connections that the probe keeps end with the program, which somebody else ends.
    if (options.close == Close::none)
        ::pause();
    return {};
}

} // namespace nflab::traffic

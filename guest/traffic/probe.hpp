// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/traffic/address.hpp"
#include "guest/traffic/ledger.hpp"
#include "guest/traffic/options.hpp"
#include "guest/traffic/payload.hpp"

#include <poll.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace nflab::traffic {

/// Sends numbered packets of one protocol and tells the ledger what comes back.
class Probe {
  public:
    Probe(const SendOptions& options, Endpoint destination, Endpoint source, std::uint32_t run,
          Ledger& ledger)
        : options_(options), destination_(destination), source_(source), run_(run),
          ledger_(ledger) {}
    virtual ~Probe() = default;
    Probe(const Probe&) = delete;
    Probe& operator=(const Probe&) = delete;

    /// Returns why nothing can be sent at all, or nothing.
    virtual std::string open() = 0;
    /// Whether another packet may be sent now.
    virtual bool ready() const { return true; }
    virtual void send(std::uint32_t number) = 0;
    virtual void watch(std::vector<pollfd>& polls) const = 0;
    /// Takes what has arrived, without waiting.
    virtual void receive() = 0;
    /// The packet's time is over.
    virtual void abandon(std::uint32_t /*number*/) {}

  protected:
    /// What packet `number` carries.
    std::string payload(std::uint32_t number) const {
        return options_.data.empty() ? make_payload({run_, number}, options_.size) : options_.data;
    }

    Identity identity(std::uint32_t number, const Endpoint& source) const {
        Identity identity;
        identity.protocol = options_.protocol;
        identity.run = run_;
        identity.number = number;
        identity.source = source.text();
        identity.destination = destination_.text();
        identity.source_port = source.port();
        identity.destination_port = options_.port;
        return identity;
    }

    const SendOptions& options_;
    Endpoint destination_;
    Endpoint source_; ///< size 0: the kernel chooses
    std::uint32_t run_;
    Ledger& ledger_;
};

std::unique_ptr<Probe> make_icmp_probe(const SendOptions& options, const Endpoint& destination,
                                       const Endpoint& source, std::uint32_t run, Ledger& ledger);
std::unique_ptr<Probe> make_udp_probe(const SendOptions& options, const Endpoint& destination,
                                      const Endpoint& source, std::uint32_t run, Ledger& ledger);
std::unique_ptr<Probe> make_tcp_probe(const SendOptions& options, const Endpoint& destination,
                                      const Endpoint& source, std::uint32_t run, Ledger& ledger);

/// The kernel's refusal of a packet, by errno.
inline Reason local_reason(int error) {
    return {error, std::strerror(error), {}, {}, {}};
}

} // namespace nflab::traffic

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/lab/session.hpp"
#include "harness/scenario/traffic.hpp"
#include "harness/step/traffic_outcome.hpp"
#include "harness/verdict/path.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace nflab::step {

/// One `send:` entry on its way, whatever is sent. Must not outlive the session.
class Transmission {
  public:
    Transmission() = default;
    virtual ~Transmission() = default; ///< ends what still runs
    Transmission(const Transmission&) = delete;
    Transmission& operator=(const Transmission&) = delete;

    /// Whether the first packet is out, or will never be.
    virtual bool begun() const = 0;
    virtual bool ended() const = 0;

    /// Waits until all is sent and answered, or given up.
    virtual std::vector<verdict::SentPacket> finish() = 0;

    /// What it came to as a whole, once it is finished; of floods and the like.
    virtual std::optional<TrafficOutcome> total() const { return {}; }
};

/// Each throws Error(bad_input) when there is no address to send to, Error(lab) when a node fails.
std::unique_ptr<Transmission> start_probe(lab::Session& session, const scenario::Send& order);
std::unique_ptr<Transmission> start_raw(lab::Session& session, const scenario::Send& order);
std::unique_ptr<Transmission> start_flood(lab::Session& session, const scenario::Send& order);
std::unique_ptr<Transmission> start_replay(lab::Session& session, const scenario::Send& order);
std::unique_ptr<Transmission> start_iperf3(lab::Session& session, const scenario::Send& order);

} // namespace nflab::step

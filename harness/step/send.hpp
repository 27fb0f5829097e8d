// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/lab/session.hpp"
#include "harness/scenario/model.hpp"
#include "harness/step/traffic_outcome.hpp"
#include "harness/verdict/path.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace nflab::step {

class Transmission;

/// The traffic of one `send:` entry on its way, with a listener on the other end where it needs
/// one. Must not outlive the session.
class Sending {
  public:
    /// Starts it. Throws Error(bad_input) when there is no address to send to, Error(lab) when the
    /// other end cannot listen.
    Sending(lab::Session& session, const scenario::Send& order);
    Sending(Sending&&) noexcept;
    ~Sending(); ///< ends the sender, should it still send, and the connections that it keeps

    /// Whether the first packet is out, or will never be. Becomes true inside the session's
    /// blocking calls; so does ended().
    bool begun() const;
    bool ended() const;

    /// Waits until all is sent and answered, or given up, and says for each packet what the sender
    /// saw. Throws Error(lab) when the traffic program fails.
    std::vector<verdict::SentPacket> finish();

    /// What it came to as a whole, once it is finished; of floods, measurements and replays.
    std::optional<TrafficOutcome> total() const;

  private:
    std::unique_ptr<Transmission> transmission_;
};

/// The address that node `to` is sent to: the first of the wanted family on a network that both
/// share, else its first one at all. Empty when it has none.
std::string destination_address(const plan::Plan& plan, const std::string& from,
                                const std::string& to, bool ipv6);

} // namespace nflab::step

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "tests/differential/evidence.hpp"
#include "tests/differential/helper.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace nflab::witness {

/// Where nfwitness lies in every node.
inline constexpr const char* node_program = "/run/nfwitness";

/// nfwitness at both ends of every wire, and at the router in between. Must not outlive the
/// session.
class Ends {
  public:
    /// Starts them; nfwitness must be in the nodes.
    explicit Ends(lab::Session& session);

    /// What the router itself does.
    struct Router {
        /// Sends its own packets: IP in hexadecimal, one in a line.
        std::function<void(const std::string& packets)> send;
        /// Returns when nfverdict has told of everything so far.
        std::function<void()> settle;
    };

    /// Sends the packets of one side after the other, some at a time, so that their order is the
    /// same in every run, and returns when all answers have arrived. Captured packets and losses
    /// go into the evidence.
    void send(const std::vector<Shot>& shots, const Names& names, Evidence& evidence,
              const Router& router);

  private:
    void round(std::size_t origin, const std::string& frames);
    Mac mac(const std::string& node, const std::string& device) const;

    lab::Session& session_;
    std::unique_ptr<Helper> reflector_;
    std::vector<std::unique_ptr<Helper>> wires_;
    unsigned rounds_ = 0;
};

} // namespace nflab::witness

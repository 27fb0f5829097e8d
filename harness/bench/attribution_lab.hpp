// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/bench/observers.hpp"
#include "harness/lab/lab.hpp"
#include "harness/lab/session.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace nflab::bench {

/// What one flood of packets came to.
struct Flood {
    std::uint64_t sent = 0;
    std::uint64_t time_ns = 0;
    std::uint64_t busy_ns = 0; ///< in a guest that counts: instructions
};

/// One guest with a second network namespace behind a veth pair, in which the packets are filtered
/// and received. Throws Error(lab) from everything.
class AttributionLab {
  public:
    AttributionLab(const plan::BootFiles& files, bool count_instructions);

    /// `count` rules in the input chain, of which only the last one fits.
    void load_rules(const std::string& engine, unsigned count, const std::string& first_rule);
    /// In the guest, or on this machine, from where it is then carried into the guest.
    bool has_program(const std::string& program);
    void watch(const Observer& observer);
    /// Ends the observer and waits for its last words.
    void end_watch();
    Flood flood(unsigned packets, unsigned rate);
    /// Runs the observer's question about its output; nothing when the answer is no number.
    std::optional<std::uint64_t> ask(const std::string& question);
    std::string shell(const std::string& script, const std::string& input = {});

  private:
    void carry(const std::string& program, const std::string& path);

    lab::Starting lab_;
    lab::Session session_;
    std::optional<lab::StreamId> stream_;
    bool ended_ = false;
};

} // namespace nflab::bench

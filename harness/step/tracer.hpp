// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/lab/session.hpp"
#include "harness/step/outcome.hpp"
#include "harness/verdict/record.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace nflab::step {

/// Where to trace, and what.
struct TraceOrder {
    std::string node;
    scenario::Trace mode = scenario::Trace::verdicts;
    std::string filter; ///< pcap-filter(7), on the headers at each hook; empty: every packet
    std::string program = "nfverdict";    ///< in the node
    std::vector<std::string> arguments{}; ///< more of nfverdict's, such as --method
    /// The kretprobe module, to be put into the node first; needed where it is the method.
    std::filesystem::path module{};

    bool needs_module() const;
};

/// What the node's agent is asked to run for it.
channel::RunRequest trace_request(const TraceOrder& order);

/// What nfverdict's output holds once its probes are attached and self-tested.
inline constexpr const char* trace_ready = R"("type":"ready")";

/// nfverdict running in one node, and the records that it has sent so far. Must not outlive the
/// session.
class Tracer {
  public:
    /// Starts nfverdict; call wait_ready() before traffic that should be seen.
    Tracer(lab::Session& session, const TraceOrder& order);
    ~Tracer();
    Tracer(const Tracer&) = delete;
    Tracer& operator=(const Tracer&) = delete;

    /// Waits until the probes are attached and self-tested.
    /// Throws Error(lab) with nfverdict's own words when they are not.
    void wait_ready(std::chrono::milliseconds limit = std::chrono::seconds(30));

    /// Waits until every packet that the node has handled so far is recorded.
    void synchronise(std::chrono::milliseconds limit = std::chrono::seconds(60));

    /// The records since the last call, with their node set.
    std::vector<verdict::Record> take();

    /// Called for each record as it arrives, too (live view); may be empty.
    std::function<void(const verdict::Record&)> on_record;

    const Observation& observation() const;

  private:
    struct State;
    void read_line(std::string_view line);

    lab::Session& session_;
    std::unique_ptr<State> state_;
};

} // namespace nflab::step

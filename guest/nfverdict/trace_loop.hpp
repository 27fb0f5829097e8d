// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/options.hpp"
#include "guest/nfverdict/records/output.hpp"
#include "harness/base/unique_fd.hpp"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace nflab::nfverdict {

/// What every trace does, whichever method observes: it ends with a signal, the end of standard
/// input or the duration, answers "sync N", and tells what was lost (docs/formats/record.md).
class TraceLoop {
  public:
    struct Work {
        std::vector<int> fds; ///< one becomes readable when there is something to do at once
        std::function<void()> catch_up;      ///< writes records of what has come
        std::function<void()> settle;        ///< of everything that has happened up to now
        std::function<std::uint64_t()> lost; ///< events that could not be recorded, from the start
    };

    /// Signals wait from here on. Both must outlive the loop.
    TraceLoop(const Options& options, Output& output);

    /// Says that all is ready, and returns when the trace is over and everything is written but the
    /// "done" line.
    void run(const nlohmann::json& ready, Work work);

    /// During run().
    std::uint64_t lost() const { return lost_; }

  private:
    using Clock = std::chrono::steady_clock;

    void wait();
    void read_input();
    void answer_synchronisations();
    void settle();
    void report_losses();

    const Options& options_;
    Output& output_;
    UniqueFd signals_;
    Work work_;
    std::optional<Clock::time_point> end_;
    Clock::time_point next_count_;
    std::string input_;
    bool input_open_ = true;
    bool over_ = false;
    std::uint64_t lost_ = 0;
    std::uint64_t already_lost_ = 0; ///< before we said that we are ready
};

} // namespace nflab::nfverdict

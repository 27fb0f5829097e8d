// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/init/configure.hpp"
#include "guest/init/stream.hpp"
#include "harness/base/unique_fd.hpp"

#include <string>

namespace nflab::agent {

/// configure() in a process of its own, because it blocks and the other streams go on meanwhile.
class ConfigureStream : public Stream {
  public:
    ConfigureStream(Connection& connection, std::uint32_t id,
                    const channel::Configuration& configuration, Scope scope);
    ~ConfigureStream() override;

    void signal(int number) override;
    void watch(std::vector<pollfd>& polls) const override;
    std::optional<Clock::time_point> deadline() const override { return deadline_; }
    void work() override;
    void child_ended(pid_t pid, int status) override;

  private:
    pid_t pid_ = -1;
    UniqueFd problems_; ///< pipe from the process; its end is the end of the work
    std::string text_;
    std::optional<int> wait_status_;
    Clock::time_point deadline_;
};

} // namespace nflab::agent

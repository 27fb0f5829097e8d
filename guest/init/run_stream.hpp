// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/init/spawn.hpp"
#include "guest/init/stream.hpp"

#include <string>

namespace nflab::agent {

/// A program: its three streams, its signals, its time limit.
///
/// It ends when the program ends and what that had written until then is sent. Processes that it
/// leaves behind go on, but nobody reads what they write.
class RunStream : public Stream {
  public:
    RunStream(Connection& connection, std::uint32_t id, const channel::RunRequest& request);
    ~RunStream() override;

    void input(std::string_view bytes) override;
    void input_end() override;
    void signal(int number) override;
    void resize(const channel::ResizeRequest& request) override;
    void watch(std::vector<pollfd>& polls) const override;
    std::optional<Clock::time_point> deadline() const override;
    void work() override;
    void child_ended(pid_t pid, int status) override;
    std::size_t backlog() const override { return pending_.size() - pending_begin_; }

  private:
    /// What a pipe can still hold once its writer has ended.
    static constexpr std::size_t last_words = 1U << 20;

    void check_time();
    void write_input();
    void pass_on(std::size_t bytes);
    void close_input();
    void read_output(UniqueFd& fd, channel::FrameType type);
    void finish_if_done();

    Spawned child_;
    bool terminal_;
    std::string pending_; ///< input that the program has not taken, from pending_begin_ on
    std::size_t pending_begin_ = 0;
    bool input_ended_ = false;
    std::optional<Clock::time_point> deadline_; ///< next step against the program
    bool timed_out_ = false;
    std::optional<int> wait_status_;
    std::size_t read_since_end_ = 0;
    Clock::time_point hung_up_until_; ///< do not look at the terminal before
    Clock::time_point linger_until_;  ///< of a terminal whose program ended
};

} // namespace nflab::agent

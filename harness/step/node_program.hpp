// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/lab/session.hpp"
#include "harness/step/lines.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace nflab::step {

/// A program that runs in a node and writes lines. Killed with this object. Must not outlive the
/// session; stays where it is, since the session's handlers refer to it.
class NodeProgram {
  public:
    using OnLine = std::function<void(std::string_view)>;

    struct Order {
        std::string node;
        std::vector<std::string> argv;
        std::chrono::milliseconds limit{}; ///< after that it is ended; 0: never
        bool input = false;                ///< whether it reads what input() says
    };

    NodeProgram(lab::Session& session, const Order& order, OnLine on_line);
    ~NodeProgram();
    NodeProgram(const NodeProgram&) = delete;
    NodeProgram& operator=(const NodeProgram&) = delete;

    /// Gives the program all of its standard input.
    void input(std::string_view bytes);
    /// Waits until done(), the program's end or the limit.
    void wait(const std::function<bool()>& done, std::chrono::milliseconds limit);
    void wait_end(std::chrono::milliseconds limit);
    void kill();

    bool ended() const { return ended_; }
    const channel::ExitStatus& status() const { return status_; }
    /// Why it did not do its work, in its own or the agent's words.
    std::string complaint() const;

  private:
    lab::Session& session_;
    LineBuffer lines_;
    OnLine on_line_;
    lab::StreamId stream_ = 0;
    std::string error_output_;
    bool ended_ = false;
    channel::ExitStatus status_;
};

} // namespace nflab::step

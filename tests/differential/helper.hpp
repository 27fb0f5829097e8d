// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/lab/session.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace nflab::witness {

/// A guest on a busy machine, several times over.
inline constexpr std::chrono::seconds patience{120};

/// A program in a node that works until its input ends. Must not outlive the session.
class Helper {
  public:
    Helper(lab::Session& session, std::string node, std::vector<std::string> argv);
    ~Helper();
    Helper(const Helper&) = delete;
    Helper& operator=(const Helper&) = delete;

    void write(const std::string& bytes);
    void end_input();
    /// Throws Error(lab) when it ends or the deadline comes first.
    void wait_for(const std::string& text);
    /// What it has said since the last call.
    std::string take();

  private:
    lab::Session& session_;
    std::string node_;
    std::string program_;
    lab::StreamId stream_ = 0;
    std::string output_;
    std::string complaint_;
    bool ended_ = false;
};

} // namespace nflab::witness

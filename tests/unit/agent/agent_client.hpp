// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/channel/frame.hpp"
#include "guest/channel/input_window.hpp"
#include "guest/channel/message.hpp"
#include "harness/base/unique_fd.hpp"

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

/// The program nflab-agent in its --fd mode, with this process in the lab's place.
class AgentClient {
  public:
    /// With `isolated`, in user, network and mount namespaces of its own, with an empty /run.
    explicit AgentClient(bool isolated = false);
    ~AgentClient();

    struct Result {
        nflab::channel::ExitStatus status;
        std::string out;
        std::string err;
    };

    void send(nflab::channel::FrameType type, std::uint32_t stream, std::string_view payload = {});
    void send_raw(std::string_view bytes);
    /// Throws std::runtime_error after 10 s without a frame, or when the agent closes. Takes care
    /// of `window` frames itself.
    nflab::channel::Frame receive();
    std::uint32_t start(const nflab::channel::RunRequest& request);
    /// Sends what the stream's window lets through, and the rest while finish() reads.
    void input(std::uint32_t stream, std::string_view bytes);
    void end_input(std::uint32_t stream);
    /// Of what was given to input(), what could not be sent yet.
    std::size_t held(std::uint32_t stream) const { return windows_.at(stream).held(); }
    /// Collects a stream; frames of others are dropped.
    Result finish(std::uint32_t stream);
    Result run(const nflab::channel::RunRequest& request);
    Result run(const std::string& shell_command);
    /// Closes the channel and waits for the agent's end; its exit code, or -1.
    int close();
    pid_t pid() const { return pid_; }

    nflab::channel::Hello hello;

  private:
    nflab::channel::Frame next_frame();
    void send_held(std::uint32_t stream);

    nflab::UniqueFd channel_;
    pid_t pid_ = -1;
    nflab::channel::Decoder decoder_;
    std::uint32_t streams_ = 0;
    std::map<std::uint32_t, nflab::channel::InputWindow> windows_;
};

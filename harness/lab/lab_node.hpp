// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/channel/message.hpp"
#include "harness/lab/console_text.hpp"
#include "harness/lab/frame_socket.hpp"
#include "harness/plan/plan.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace nflab::lab {

/// One node as the lab daemon sees it: the link to its agent, from boot to loss, and the streams
/// that run over it. All calls on the io_context's thread.
class LabNode {
  public:
    enum class State { starting, configuring, ready, silent, lost };

    struct Handlers {
        std::function<void(const std::string& phase)> phase; ///< "agent", "configure", "ready"
        /// Could not come up, or was lost later; the message is for people.
        std::function<void(const std::string& message)> failed;
    };
    /// Takes what the agent sends on one stream; the last frame is of type exit.
    using Sink = std::function<void(const channel::Frame&)>;

    /// `console` is the file with the node's console (vm) or its agent's own messages (netns).
    LabNode(boost::asio::io_context& io, const plan::Node& node, const plan::Deadlines& deadlines,
            channel::Configuration configuration, std::filesystem::path console);

    void set_handlers(Handlers handlers) { handlers_ = std::move(handlers); }

    /// The boot deadline begins now.
    void begin();
    /// The channel is open; the agent's hello is awaited.
    void connected(FrameSocket::Socket socket);
    /// The channel is open to a guest that was kept, whose agent said hello then.
    void connected_again(FrameSocket::Socket socket, const nlohmann::json& kept);
    /// libvirt reports the machine's end.
    void machine_ended(bool crashed);

    const plan::Node& node() const { return node_; }
    State state() const { return state_; }
    const std::filesystem::path& console() const { return console_; }
    /// For `info` (docs/formats/control.md).
    nlohmann::json status() const;

    /// For a guest that is to be kept, once it is ready: starts its programs and calls `done` with
    /// what connected_again() must know, when all of them can be used and nothing is on its way
    /// between agent and lab. From then on the lab says nothing to the agent any more.
    void keep(std::function<void(const nlohmann::json& kept)> done);

    /// Opens a stream with a request frame. A program that runs since the guest was kept answers a
    /// request that is the same as its own, once, with all that it has said so far. A node that is
    /// not ready answers the sink at once with an exit that says why; then 0 is returned.
    std::uint32_t open(channel::FrameType type, std::string request, Sink sink);
    void send(const channel::Frame& frame);
    /// Kills what runs on the stream and forgets its sink.
    void drop(std::uint32_t stream);
    /// The link itself; null unless connected.
    const std::shared_ptr<FrameSocket>& link() const { return link_; }
    std::function<void()> on_drained; ///< the link takes input again

  private:
    /// A program of a kept guest that nobody has asked for yet.
    struct Kept {
        nlohmann::json request;
        std::string ready;
        std::string said; ///< its standard output, for `ready`
        std::vector<channel::Frame> frames;
        bool ended = false;
    };

    void start_link(FrameSocket::Socket socket);
    void received(const channel::Frame& frame);
    void kept_say(std::uint32_t stream, const channel::Frame& frame);
    void come_to_rest();
    std::uint32_t adopt(const nlohmann::json& request, Sink& sink);
    void said_hello(const std::string& payload);
    void configure();
    void beat();
    void schedule_beat();
    void lose(Loss loss);
    void fail(const std::string& message, bool for_good);
    void end_streams(const std::string& message);
    std::chrono::milliseconds age() const;

    plan::Node node_;
    plan::Deadlines deadlines_;
    channel::Configuration configuration_;
    std::filesystem::path console_;
    Handlers handlers_;
    State state_ = State::starting;
    std::string detail_; ///< why it is silent or lost
    channel::Hello hello_;
    std::shared_ptr<FrameSocket> link_;
    std::map<std::uint32_t, Sink> sinks_;
    std::map<std::uint32_t, Kept> kept_;
    std::function<void(const nlohmann::json&)> on_kept_;
    std::uint32_t next_stream_ = 1;
    std::chrono::steady_clock::time_point started_;
    boost::asio::steady_timer boot_timer_;
    boost::asio::steady_timer beat_timer_;
    boost::asio::steady_timer grace_timer_;
    std::uintmax_t console_seen_ = 0;
};

/// Word of a state in `info`: starting, configuring, ready, silent, lost.
std::string to_string(LabNode::State state);

} // namespace nflab::lab

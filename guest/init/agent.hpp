// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/channel/frame.hpp"
#include "guest/init/configure.hpp"
#include "guest/init/connection.hpp"
#include "guest/init/stream.hpp"
#include "harness/base/unique_fd.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nflab::agent {

/// The service of docs/formats/channel.md over one descriptor: a single thread and one poll(2).
class Agent {
  public:
    struct Options {
        Scope scope = Scope::machine;
        /// A virtio-serial port outlives its connections: the agent then waits for the next one.
        bool reconnect = false;
        std::vector<std::string> problems; ///< told in every hello
    };

    /// Takes the descriptor over. Blocks SIGCHLD and SIGTERM, ignores SIGPIPE, for the process.
    Agent(UniqueFd channel, Options options);
    ~Agent();

    /// Says hello if somebody listens already; serve() does so, too.
    void greet();

    /// Serves until the peer has closed (never, with reconnect) or SIGTERM came.
    void serve();

  private:
    static constexpr std::size_t max_streams = 256;

    bool peer_present() const;
    void connect();
    void disconnect();
    void wait();
    void receive();
    void handle(const channel::Frame& frame);
    void handle_connection(const channel::Frame& frame);
    void open_stream(const channel::Frame& frame);
    std::unique_ptr<Stream> make_stream(const channel::Frame& frame);
    void handle_stream(Stream& stream, const channel::Frame& frame);
    void take_input(Stream& stream, std::string_view bytes);
    void work_streams();
    void reap();
    void refuse(std::uint32_t stream, const std::string& error);

    UniqueFd fd_;
    UniqueFd signals_;
    Options options_;
    std::optional<Connection> connection_;
    std::map<std::uint32_t, std::unique_ptr<Stream>> streams_;
    std::string peer_error_; ///< why this peer's requests are refused
    bool ended_ = false;
};

} // namespace nflab::agent

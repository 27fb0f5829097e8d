// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/channel/message.hpp"
#include "harness/plan/plan.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// A command's connection to a running lab. Single-threaded: every blocking call also delivers what
/// arrives on the other streams to their handlers. Not thread-safe.
namespace nflab::lab {

using StreamId = std::uint32_t;

/// Called from inside blocking calls of the session; any of them may be empty.
struct StreamHandler {
    std::function<void(std::string_view)> output;
    std::function<void(std::string_view)> error_output;
    std::function<void(const channel::ExitStatus&)> exit;
};

struct RunResult {
    channel::ExitStatus status;
    std::string out;
    std::string err;
};

struct NodeStatus {
    std::string name;
    scenario::NodeKind kind = scenario::NodeKind::netns;
    std::string state;                 ///< starting, configuring, ready, silent, lost
    std::string detail;                ///< why it is silent or lost, for people
    std::string kernel;                ///< uname -r
    std::uint64_t memory_kib = 0;      ///< resident memory of a vm's QEMU
    std::vector<std::string> problems; ///< what the agent could not do at its start
    std::string console;               ///< file in the lab's mount namespace, see lab/registry.hpp
};

struct LabStatus {
    std::chrono::seconds uptime{};
    std::vector<NodeStatus> nodes; ///< in the plan's order
};

class ControlClient;

class Session {
  public:
    /// Finds the lab of that name (see lab/registry.hpp) and connects.
    /// Throws Error(lab) when there is none, naming those that are up.
    static Session connect(const std::string& lab);

    Session(Session&&) noexcept;
    Session& operator=(Session&&) noexcept;
    ~Session(); ///< ends every stream still open: their processes are killed in the nodes

    const plan::Plan& plan() const;

    /// Asks the lab how it is now.
    LabStatus status();

    /// Runs to the end and collects both outputs. Throws Error(lab) when the node or the lab dies.
    RunResult run(const std::string& node, const channel::RunRequest& request,
                  const std::string& input = {});

    StreamId start(const std::string& node, const channel::RunRequest& request,
                   StreamHandler handler);
    /// Forgets a stream: its handler is not called again, and its process is killed if it still
    /// runs. Does nothing for a stream that has ended.
    void close(StreamId stream);
    /// Keeps what the program is not ready for and passes it on, in order, inside later blocking
    /// calls; end_input() waits its turn behind it. Whoever has much to send looks at
    /// input_backlog() first. Does nothing for a stream that has ended.
    void send_input(StreamId stream, std::string_view bytes);
    void end_input(StreamId stream);
    /// Bytes of input that are kept; 0 for a stream that has ended.
    std::size_t input_backlog(StreamId stream) const;
    void send_signal(StreamId stream, int signal);
    void resize(StreamId stream, int rows, int columns);

    /// Copies a regular file; `mode` are its permission bits in the node.
    /// Throw Error(lab) naming the file that cannot be read or written.
    void put_file(const std::string& node, const std::filesystem::path& local,
                  const std::string& remote, unsigned mode);
    void get_file(const std::string& node, const std::string& remote,
                  const std::filesystem::path& local);

    /// Delivers events until done() or the deadline; returns done(). Also watches `fd` (a terminal)
    /// when it is not -1 and calls `readable` when it has input or has reached its end.
    /// Returns early, with what done() says, when a signal handler ran (EINTR).
    /// Throws Error(lab) when the lab has ended or no longer answers.
    bool wait(const std::function<bool()>& done, std::chrono::milliseconds limit, int fd = -1,
              const std::function<void()>& readable = {});

  private:
    explicit Session(std::unique_ptr<ControlClient> client);
    std::unique_ptr<ControlClient> client_;
};

} // namespace nflab::lab

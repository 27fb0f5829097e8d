// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/lab/netns_node.hpp"

#include "harness/base/error.hpp"
#include "harness/lab/mounts.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace nflab::lab {
namespace fs = std::filesystem;

namespace {

constexpr int agent_fd = 3;

// A node that shares the host's kernel must not set its clock, load modules into it, reboot it or
// read its log, whatever a scenario runs. The network is its own.
void drop_host_capabilities() {
    for (const int capability :
         {CAP_SYS_TIME, CAP_SYS_MODULE, CAP_SYS_RAWIO, CAP_SYS_BOOT, CAP_SYSLOG, CAP_MKNOD,
          CAP_WAKE_ALARM, CAP_AUDIT_CONTROL, CAP_AUDIT_READ, CAP_MAC_ADMIN, CAP_MAC_OVERRIDE}) {
        ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
        ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, capability, 0, 0);
    }
}

struct Child {
    std::string name;
    NodeRoot root;
    std::string agent; ///< path inside the node
    int channel;
    int gate;
    int messages;
};

[[noreturn]] void be_node(const Child& child) {
    ::signal(SIGPIPE, SIG_DFL);
    // Not close-on-exec from here on: as 0, 1, 2 and agent_fd. Higher copies first, since any of
    // the originals may itself be one of these numbers.
    const int channel = ::fcntl(child.channel, F_DUPFD_CLOEXEC, 64);
    const int gate = ::fcntl(child.gate, F_DUPFD_CLOEXEC, 64);
    const int messages = ::fcntl(child.messages, F_DUPFD_CLOEXEC, 64);
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    ::dup2(null, STDIN_FILENO);
    ::dup2(messages, STDOUT_FILENO);
    ::dup2(messages, STDERR_FILENO);
    ::dup2(channel, agent_fd);
    // The parent's ends of all pipes and sockets, which would hide their end from their readers.
    for (int fd = agent_fd + 1; fd < 64; ++fd)
        ::close(fd);
    char word = 0;
    if (::read(gate, &word, 1) != 1)
        ::_exit(0);
    try {
        enter_node_root(child.root);
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}\n", error.what());
        ::fflush(stderr);
        ::_exit(1);
    }
    ::sethostname(child.name.data(), child.name.size());
    drop_host_capabilities();
    ::close_range(agent_fd + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    const std::string number = std::to_string(agent_fd);
    const std::array<const char*, 4> argv{child.agent.c_str(), "--fd", number.c_str(), nullptr};
    const std::array<const char*, 4> environment{
        "PATH=/run/nflab/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "TERM=linux", nullptr};
    ::execve(argv[0], const_cast<char* const*>(argv.data()),
             const_cast<char* const*>(environment.data()));
    fmt::print(stderr, "cannot start {}: {}\n", child.agent, std::strerror(errno));
    ::fflush(stderr);
    ::_exit(1);
}

} // namespace

NetnsNode::NetnsNode(const plan::Node& node, const plan::BootFiles& boot, const fs::path& scratch,
                     const fs::path& messages) {
    std::array<int, 2> channel{};
    std::array<int, 2> gate{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel.data()) != 0 ||
        ::pipe2(gate.data(), O_CLOEXEC) != 0)
        throw Error(Failure::lab, fmt::format("cannot make the channel of node {}: {}", node.name,
                                              std::strerror(errno)));
    channel_.reset(channel[0]);
    gate_.reset(gate[1]);
    const UniqueFd their_channel(channel[1]);
    const UniqueFd their_gate(gate[0]);
    const UniqueFd log(::open(messages.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    const fs::path agent = boot.agent;
    const Child child{node.name,
                      {boot.root_tree, agent.parent_path(), scratch},
                      "/run/nflab/bin/" + agent.filename().string(),
                      their_channel.get(),
                      their_gate.get(),
                      log.get()};
    child_ = fork_node([&child] { be_node(child); });
}

UniqueFd NetnsNode::go() {
    [[maybe_unused]] const ssize_t written = ::write(gate_.get(), "g", 1);
    gate_.reset();
    return std::move(channel_);
}

} // namespace nflab::lab

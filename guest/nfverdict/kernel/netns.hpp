// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/base/unique_fd.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace nflab::nfverdict {

/// A network namespace, kept alive while this lives.
class Netns {
  public:
    /// A new one, empty but for a loopback device that is up. Needs CAP_SYS_ADMIN.
    /// Throws Error(lab).
    static Netns create();
    /// The one that this process is in.
    static Netns current();
    /// The one with this inode; !valid() when no process and no mount below /run/netns shows it.
    static Netns find(std::uint32_t inode);
    /// By a name of ip-netns(8), a process id or an inode, as a person writes it.
    /// Throws Error(bad_input) when there is no such namespace.
    static Netns named(const std::string& name);
    /// Every one that a process or a mount shows, each once; the caller's own first.
    static std::vector<Netns> all();

    /// No namespace at all: !valid().
    static Netns none() { return Netns(UniqueFd()); }

    bool valid() const { return static_cast<bool>(fd_); }
    std::uint32_t inode() const { return inode_; }
    int fd() const { return fd_.get(); }

  private:
    explicit Netns(UniqueFd fd);
    UniqueFd fd_;
    std::uint32_t inode_ = 0;
};

/// While this lives, the calling thread and the programs that it starts are in that namespace.
class InNetns {
  public:
    /// Throws Error(lab).
    explicit InNetns(const Netns& netns);
    ~InNetns();
    InNetns(const InNetns&) = delete;
    InNetns& operator=(const InNetns&) = delete;

  private:
    Netns before_;
};

} // namespace nflab::nfverdict

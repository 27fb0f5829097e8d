// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/base/unique_fd.hpp"

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

/// First processes of new namespaces, made with clone3(2): the child is at once PID 1 in there.
namespace nflab::lab {

struct NamespaceChild {
    pid_t pid = 0;  ///< as seen by the caller; reaped by the caller
    UniqueFd pidfd; ///< readable when it has ended, and with it everything in its PID namespace
};

/// Starts `argv` (argv[0] is the path of the program) as PID 1 of new PID, network, IPC and mount
/// namespaces, and of a new user namespace that maps the current user and keeps all capabilities
/// (user_namespaces(7), ambient set of capabilities(7)) when this process is not root. It leads its
/// own session, so a terminal's Ctrl-C does not reach it; standard input and output are /dev/null.
/// Of this process's descriptors it gets `fds` only: number here -> number there (3 and above).
/// Throws Error(lab) naming what the kernel refused.
NamespaceChild spawn_lab(const std::vector<std::string>& argv,
                         const std::vector<std::pair<int, int>>& fds);

/// Runs `body` in a child that is PID 1 of new PID, network, mount, UTS and IPC namespaces below
/// the current ones. `body` must not return; call only while this process has a single thread.
NamespaceChild fork_node(const std::function<void()>& body);

/// Writes a whole file such as /proc/self/uid_map. False with errno set when it cannot be written.
bool write_file(const char* path, std::string_view text);

} // namespace nflab::lab

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/channel/message.hpp"
#include "harness/base/unique_fd.hpp"

#include <sys/types.h>

#include <string>

namespace nflab::agent {

inline constexpr const char* default_path = "/run/nflab/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A program that runs, leader of its own session and process group.
struct Spawned {
    pid_t pid = -1;
    UniqueFd input;        ///< none when the request wants no input
    UniqueFd output;       ///< with a terminal: its master, for input, too
    UniqueFd error_output; ///< none with a terminal
};

/// Starts the program; its ends of the pipes here do not block. Returns why it could not be
/// started, for a person, or nothing.
/// Environment: PATH (default_path), HOME, LANG=C.UTF-8, TERM with a terminal; then the request's.
std::string spawn(const channel::RunRequest& request, Spawned& child);

} // namespace nflab::agent

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

namespace nflab::lab {

/// Descriptors that the supervisor gets from the command that starts a lab.
struct SupervisorFds {
    static constexpr int plan = 3;  ///< memfd with the plan as JSON
    static constexpr int leash = 4; ///< socket: reports go out, `release` comes in
    static constexpr int lock = 5;  ///< the lab's name (registry.hpp), never used, only held
};

/// The byte that the starting command writes to the leash when the lab may outlive it.
inline constexpr char leash_release = 'R';

/// PID 1 of a lab. Starts the lab daemon, reaps whatever is orphaned here (libvirt's QEMUs), and
/// ends when the daemon ends or the leash is cut before release; the kernel then kills everything
/// else in the PID namespace. Returns the exit code of the process.
int supervise(const std::string& lab);

} // namespace nflab::lab

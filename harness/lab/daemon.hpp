// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

namespace nflab::lab {

/// The lab itself, as child of its supervisor and in its namespaces: builds what the plan says,
/// reports on the leash (one JSON object per line: an event, `ready`, or an error), then serves
/// commands until the lab ends. Never returns: cleaning up is the kernel's, when PID 1 ends.
[[noreturn]] void run_daemon(const std::string& lab, int plan_fd, int leash_fd);

} // namespace nflab::lab

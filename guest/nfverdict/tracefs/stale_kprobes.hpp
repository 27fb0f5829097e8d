// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/tracefs/tracefs.hpp"

#include <sys/types.h>

#include <string>

namespace nflab::nfverdict {

/// Of a process's trace instance and of its group of kprobe events: "nfverdict_812".
std::string kprobe_group(pid_t process);

/// Removes the instances and kprobe events of nfverdicts that have ended without doing so.
/// Throws Error(lab) when tracefs cannot be read.
void remove_stale_kprobes(const Tracefs& tracefs);

} // namespace nflab::nfverdict

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

namespace nflab::nfverdict {

/// `nfverdict hooks`: the functions in all netfilter hooks, in the order in which they are called.
/// `netns`: empty for the caller's own, "all" for every one that a process or a mount shows, an
/// inode, a process id, or a name of ip-netns(8). Returns the exit code; throws Error.
int show_hooks(const std::string& netns, bool json);

} // namespace nflab::nfverdict

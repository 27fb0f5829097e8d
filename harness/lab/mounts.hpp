// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

/// Mount namespaces of the lab and of its netns nodes. Each function works on the calling process's
/// own mount namespace and throws Error(lab) naming the mount that the kernel refused.
namespace nflab::lab {

/// Gives the lab private /proc, /run and /tmp, so that nothing written there outlives it. The
/// `kept` files and directories (absolute) stay visible at their paths, read-only or not as they
/// were, even when they lie below /run or /tmp.
void make_private_mounts(const std::vector<std::filesystem::path>& kept);

/// Shows `from` in the place of the existing file or directory `to`.
void bind_over(const std::filesystem::path& from, const std::filesystem::path& to);

struct NodeRoot {
    std::filesystem::path tree;     ///< userland, only read
    std::filesystem::path programs; ///< directory of the static guest programs
    std::filesystem::path scratch;  ///< directory in the lab's tmpfs for what the node writes
};

/// Makes the guest root the root of the calling process: an overlay over the tree (where the kernel
/// refuses that to a user namespace: the tree read-only, with a writable copy of /etc), own /proc,
/// /sys, /dev and /run, the programs at /run/nflab/bin. What of /proc is the host's alone is
/// read-only there: a command in a node must not reach the machine that the lab runs on.
void enter_node_root(const NodeRoot& root);

} // namespace nflab::lab

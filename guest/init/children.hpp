// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace nflab::agent {

/// From now on, what a child leaves behind becomes a child of this process (prctl(2),
/// PR_SET_CHILD_SUBREAPER).
void adopt_orphans();

/// Kills all children, and theirs as they are handed over, until there are none; at most 2 s.
void kill_children();

} // namespace nflab::agent

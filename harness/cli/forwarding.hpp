// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/lab/session.hpp"

#include <string>

namespace nflab::cli {

enum class Keyboard {
    signals, ///< Ctrl-C here becomes a signal there
    raw,     ///< every key goes to the terminal there; rows and columns follow ours
};

/// Runs a command in a node with this process's standard input, output and error until it ends.
/// Returns the exit code that a shell would give it: its own, 128 + n for signal n, 124 when its
/// time was up. Throws Error(lab) when it cannot be started or the node is lost.
int forward(lab::Session& session, const std::string& node, const channel::RunRequest& request,
            Keyboard keyboard);

} // namespace nflab::cli

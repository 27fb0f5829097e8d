// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

/// What a guest's console tells about its end. Pure.
namespace nflab::lab {

/// How a node was lost.
enum class Loss {
    panicked,    ///< the kernel said so on its console, or libvirt reported a crash
    exited,      ///< the machine ended without a panic
    hung,        ///< no agent before the boot deadline
    silent,      ///< the agent was there and no longer answers
    agent_ended, ///< netns node: the agent process ended
};

/// The console's lines without carriage returns, terminal escape sequences and empty lines.
std::vector<std::string> console_lines(std::string_view text);

/// The line that says that the kernel panicked, without its time stamp; empty when none does.
std::string panic_line(std::string_view console);

/// `first` as seen from outside (the machine ended, a deadline passed), corrected by what the
/// console says: a panic explains an early end as well as a hang.
Loss classify(Loss first, std::string_view console);

/// One message for people: which node, what happened, how long after its start, and the end of the
/// console, or of a panic its beginning (at most `line_limit` lines).
std::string describe(Loss loss, const std::string& node, std::chrono::milliseconds after,
                     std::string_view console, std::size_t line_limit = 15);

} // namespace nflab::lab

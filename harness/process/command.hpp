// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace nflab {

/// One external program to run. Nothing passes through a shell.
struct Command {
    std::vector<std::string> argv; ///< argv[0] is looked up in $PATH and the sbin directories
    std::string input{};           ///< standard input; empty: /dev/null
    std::map<std::string, std::string> environment{}; ///< added to this process's environment
    std::filesystem::path directory{};                ///< working directory; empty: unchanged
    /// Called with all of standard output whenever there is more of it; true ends the program.
    /// Empty: never.
    std::function<bool(const std::string&)> stop_when{};
    std::chrono::milliseconds timeout{60'000}; ///< then the whole process group is killed
};

struct CommandResult {
    int exit_code = 0;      ///< meaningful when signal is 0
    int signal = 0;         ///< the signal that ended it
    bool timed_out = false; ///< killed by us because of Command::timeout
    bool stopped = false;   ///< killed by us because of Command::stop_when
    std::string out;
    std::string err;

    bool ok() const { return exit_code == 0 && signal == 0 && !timed_out; }
};

/// Runs to the end, collecting both outputs. Throws Error(lab) only when the program does not exist
/// or cannot be started; an unsuccessful program is an ordinary result.
CommandResult run(const Command& command);

/// Like run(), but an unsuccessful program is an Error(lab) that quotes the end of its stderr.
/// Returns its standard output.
std::string output_of(const Command& command);

/// The command as a person would type it, quoted for sh.
std::string to_shell(const std::vector<std::string>& argv);

/// Full path of a program, searched like run() does; empty when there is none.
std::filesystem::path find_program(const std::string& name);

} // namespace nflab

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/base/unique_fd.hpp"
#include "harness/lab/lab.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

/// Labs in the process table: what makes a process a lab, and the name's lock.
namespace nflab::lab {

/// Hidden sub-command of nflab that a lab's first process runs; the lab's name follows it.
inline constexpr std::string_view supervisor_command = "lab-supervisor";
/// The daemon's socket for commands, in the lab's own mount namespace.
inline constexpr const char* control_socket = "/run/nflab/control.sock";
/// Holds NODE.log for each node: a vm's serial console, a netns node's agent messages.
inline constexpr const char* console_directory = "/run/nflab/consoles";

/// The lab that a /proc/<pid>/cmdline (words ended by NUL) belongs to, or nothing.
std::optional<std::string> lab_of_cmdline(std::string_view cmdline);

/// Whether a /proc/<pid>/status is that of a PID 1 of a namespace below ours ("NSpid: 4711 1").
bool is_first_process(std::string_view status);

/// Throws Error(bad_input) unless the name is 1 to 48 letters, digits, '-', '_' or '.', and begins
/// with a letter or digit.
void check_name(const std::string& name);

/// A path of the lab's mount namespace as seen from outside: /proc/<supervisor>/root/…
std::filesystem::path inside(pid_t supervisor, const std::string& path);

/// The lab of that name. Throws Error(lab) when there is none, naming those that are up.
Running find(const std::string& name);

/// Takes the name for this user: a socket with an abstract address (unix(7)), which the kernel
/// frees with its last owner, so no file is left. Throws Error(lab) when another lab has it.
UniqueFd lock_name(const std::string& name);

} // namespace nflab::lab

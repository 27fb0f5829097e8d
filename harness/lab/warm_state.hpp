// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/base/unique_fd.hpp"
#include "harness/lab/hypervisor.hpp"

#include <filesystem>
#include <string>

/// The state of a guest's devices into a file and out of it, by QEMU's migration with
/// x-ignore-shared: the memory is a file already. May be called from several threads.
namespace nflab::lab {

/// Pauses the domain for good and writes its devices' state to `file`. `socket` is a path for the
/// time of the call. Throws Error(lab).
void save_devices(Hypervisor& hypervisor, const std::string& domain,
                  const std::filesystem::path& file, const std::filesystem::path& socket);

/// Gives a domain that was started paused, to wait for it, the devices' state of `file`. It is
/// still paused then. Throws Error(lab).
void load_devices(Hypervisor& hypervisor, const std::string& domain,
                  const std::filesystem::path& file, const std::filesystem::path& socket);

/// Connects to the unix socket of the guest channel and returns when QEMU has seen it: a guest
/// whose state is loaded then finds its peer there, as it was when it was kept. Throws Error(lab).
UniqueFd connect_agent_channel(Hypervisor& hypervisor, const std::string& domain,
                               const std::filesystem::path& socket);

} // namespace nflab::lab

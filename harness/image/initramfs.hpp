// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/image/module_set.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nflab::image {

/// The part of the initramfs that depends on the kernel: mount points, /dev/console, the modules
/// that the guest's PID 1 loads before it can mount its disks (/nflab/modules lists them in order)
/// and those it loads later (/nflab/modules.late). Pure.
std::string kernel_initramfs(const ModuleSet& modules, bool signatures);

/// A program of ours and its content.
using Program = std::pair<std::string, std::string>;

/// The part with our own programs: `agent` is /init, the others go to /nflab/bin. Pure.
std::string program_initramfs(std::string_view agent, const std::vector<Program>& programs);

/// Drivers that a guest cannot boot without, as modules; for the check that a kernel has them.
const std::vector<std::string>& boot_modules();

} // namespace nflab::image

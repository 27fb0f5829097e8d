// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/kernel/kernel.hpp"

#include <filesystem>

namespace nflab::kernel {

/// guest/kmod built for this kernel: …/nflab_kretprobe.ko in the cache. Made once for each kernel
/// build and state of the source; the first time, the kernel's headers and their compiler are
/// fetched. Throws what find_headers() and build_module() throw.
std::filesystem::path kretprobe_module(const Kernel& kernel, const Progress& progress);

} // namespace nflab::kernel

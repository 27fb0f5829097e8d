// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/plan/plan.hpp"

#include <chrono>
#include <filesystem>

namespace nflab::bench {

/// Seconds from the start of a bare QEMU (`-M pc`, the distribution's bzImage, an initramfs with
/// one static program, nothing else) to the first line from user space. The guest is ended after
/// that. Throws Error(lab) with the end of the console when the line does not come within the
/// limit.
double boot_bare_qemu(const std::filesystem::path& bzimage, const std::filesystem::path& initramfs,
                      plan::Accelerator accelerator,
                      std::chrono::seconds limit = std::chrono::seconds(120));

} // namespace nflab::bench

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/model.hpp"

#include <string>
#include <vector>

namespace nflab::image {

/// How a guest's kernel is started.
struct BootStyle {
    std::string command_line;
    bool acpi = true;
    /// What differs from the distribution's own boot and may change what the kernel does.
    std::vector<std::string> alterations;
};

/// `smp`: a guest has more than one processor, which these kernels find through ACPI only. Pure.
BootStyle boot_style(scenario::Boot boot, bool smp);

} // namespace nflab::image

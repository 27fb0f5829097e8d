// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/cli/command.hpp"

namespace nflab::cli {

/// `nflab kernels headers`, below the command `kernels`.
void add_kernel_headers(CLI::App& kernels, Context& context);

} // namespace nflab::cli

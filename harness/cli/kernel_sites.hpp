// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/cli/command.hpp"

namespace nflab::cli {

/// `nflab kernels sites`, a part of `nflab kernels`.
void add_kernel_sites(CLI::App& kernels, Context& context);

} // namespace nflab::cli

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/cli/command.hpp"

namespace nflab::cli {

/// `nflab bench library`
void add_bench_library(CLI::App& bench, Context& context);

} // namespace nflab::cli

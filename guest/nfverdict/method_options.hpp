// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/options.hpp"

#include <CLI/CLI.hpp>

namespace nflab::nfverdict {

/// Adds --method and what belongs to single methods. `options` must outlive the parsing.
void add_method_options(CLI::App& command, Options& options);

} // namespace nflab::nfverdict

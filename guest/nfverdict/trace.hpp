// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/options.hpp"

namespace nflab::nfverdict {

/// Streams records as JSON lines (docs/formats/record.md) until a signal, the end of standard input
/// or the duration ends it. Returns the exit code. Throws Error before anything is observed.
int trace(const Options& options);

/// Sets everything up, says what was found, and takes it down again. Returns the exit code.
int check(const Options& options, bool json);

} // namespace nflab::nfverdict

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/options.hpp"

namespace nflab::nfverdict {

/// Whether this method is one of source_trace().
bool is_record_source(Method method);

/// trace() and check() by the kretprobe module, tracefs or fexit. Return the exit code.
int source_trace(const Options& options);
int source_check(const Options& options, bool json);

} // namespace nflab::nfverdict

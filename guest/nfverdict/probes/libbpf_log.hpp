// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

/// libbpf's own account of a failure, which is shown only when there is one.
namespace nflab::nfverdict {

/// Begins a new account; libbpf writes to it from now on, and nowhere else.
void begin_libbpf_log();

/// The errno in words, and the account.
std::string libbpf_failure(int error);

} // namespace nflab::nfverdict

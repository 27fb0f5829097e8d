// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

namespace nflab::witness {

/// Reads what the kernel logs to NFLOG group 0, which is where traces of legacy iptables go when
/// nfnetlink_log is the logger. Prints "r" when it listens and, when its input ends, everything
/// that was logged before: "t LENGTH HEX PREFIX" for each, "l" where some were lost, "d" at last.
/// Returns why it cannot work.
std::string run_nflog();

} // namespace nflab::witness

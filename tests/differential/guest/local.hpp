// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

namespace nflab::witness {

/// Sends the IP packets on standard input, one in hexadecimal per line, from this machine itself,
/// so that they pass its output hook. Returns why it cannot work. A packet that the ruleset refuses
/// (EPERM) is no error.
std::string run_local();

} // namespace nflab::witness

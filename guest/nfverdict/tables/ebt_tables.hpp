// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

namespace nflab::nfverdict {

/// The tables of legacy ebtables that exist in the caller's network namespace. Kernels since 5.15
/// make a table when somebody asks for it, and tell nobody which there are: so they are read off
/// the functions that hang in the bridge's hooks. Throws Error(lab) when those cannot be read.
std::vector<std::string> existing_ebtables();

} // namespace nflab::nfverdict

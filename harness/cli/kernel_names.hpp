// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

namespace nflab::cli {

/// The kernels that a command line asks for: all of the lock, those that it names, or "", which is
/// the default kernel.
std::vector<std::string> kernel_names(std::vector<std::string> named, bool all);

} // namespace nflab::cli

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

namespace nflab::cli {

/// The lab that a command means: the one named, or the only one that is up.
/// Throws Error(bad_input) when none is named and there is none or more than one.
std::string only_lab(const std::string& named);

} // namespace nflab::cli

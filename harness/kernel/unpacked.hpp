// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/kernel/kernel.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace nflab::kernel {

/// Unpacks kernel packages into $cache/kernels/<digest> (once) and says what is where in it. Name,
/// package and notices are the caller's to set. Throws Error(bad_input) when the packages hold no
/// kernel image or no modules.
Kernel unpack_kernel(const std::string& digest, const std::vector<std::filesystem::path>& packages,
                     const std::string& what, const Progress& progress);

/// Whether unpack_kernel() of this digest has nothing left to do.
bool is_unpacked(const std::string& digest);

/// A kernel that the user handed over; see find().
Kernel user_kernel(const std::string& path, const FindOptions& options, const Progress& progress);

} // namespace nflab::kernel

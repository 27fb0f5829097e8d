// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/kernel/headers.hpp"

#include <filesystem>
#include <string>

namespace nflab::kernel {

/// Builds the module whose source is in `directory` against these headers, there. The compiler runs
/// in a system of its own, unpacked from the toolchain's packages into the cache, in mount, PID and
/// network namespaces (and a user namespace without root): nothing of the host is used but its
/// kernel, and nothing outside of `directory` is written. Throws Error(lab), quoting the compiler.
void build_module(const Headers& headers, const std::string& release,
                  const std::filesystem::path& directory, const Progress& progress);

} // namespace nflab::kernel

// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/base/unique_fd.hpp"

#include <string>
#include <vector>

namespace nflab::agent {

/// Removes every file below the directory on its own file system, but not what is in `keep`
/// (paths relative to it). Directories stay: an initramfs' memory is in its files.
void free_tree(UniqueFd directory, const std::vector<std::string>& keep);

} // namespace nflab::agent
